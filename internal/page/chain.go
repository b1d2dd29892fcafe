package page

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// ChainOptions of NewChain.
type ChainOptions struct {
	Proxies []netip.Prefix    // whose X-Forwarded-For is believed
	MaxBody int64             // bytes of a request body
	Foreign []string          // patterns of routes that take forms of other sites; each of them says why
	Headers map[string]string // sent with every response that has not its own; not with a 304, which has no content
	Log     *slog.Logger
	Access  *AccessLog // may be nil
	Metrics *Metrics   // may be nil
	Error   func(w http.ResponseWriter, r *http.Request, status int, err error)
}

// A Chain is what every request passes before and after its handler: id, body limit, cross-origin check, security
// headers, recovery, access log, metrics. It is written to cost little: a request through it allocates one Response.
type Chain struct {
	o       ChainOptions
	mux     *http.ServeMux
	origin  *http.CrossOriginProtection
	headers []header
	prefix  string
	count   atomic.Uint64
	pool    sync.Pool
}

type header struct {
	name   string
	values []string
}

// NewChain returns the chain before a mux.
func NewChain(mux *http.ServeMux, o ChainOptions) *Chain {
	c := &Chain{o: o, mux: mux, origin: http.NewCrossOriginProtection()}
	for _, pattern := range o.Foreign {
		c.origin.AddInsecureBypassPattern(pattern)
	}
	for name, value := range o.Headers {
		c.headers = append(c.headers, header{http.CanonicalHeaderKey(name), []string{value}})
	}
	var b [4]byte
	_, _ = rand.Read(b[:])
	c.prefix = strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), 36) + "-"
	c.pool.New = func() any { return &Response{chain: c} }
	return c
}

// ServeHTTP implements http.Handler.
func (c *Chain) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	start := time.Now()
	w := c.pool.Get().(*Response)
	*w = Response{ResponseWriter: rw, request: r, chain: c, id: c.count.Add(1)}
	c.guarded(w, r)
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	took := time.Since(start)
	if c.o.Access != nil {
		c.o.Access.write(w, r, took, start)
	}
	if c.o.Metrics != nil {
		c.o.Metrics.observe(r.Pattern, w.status, took)
	}
	*w = Response{chain: c}
	c.pool.Put(w)
}

func (c *Chain) guarded(w *Response, r *http.Request) {
	defer c.recovered(w, r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := c.origin.Check(r); err != nil {
			c.o.Error(w, r, http.StatusForbidden, fault.Wrap(fault.Denied, err, "This form was sent from another site."))
			return
		}
		r.Body = http.MaxBytesReader(w.ResponseWriter, r.Body, c.o.MaxBody)
	}
	c.mux.ServeHTTP(w, r)
	if w.held {
		c.o.Error(w, r, w.release(), nil)
	}
}

// recovered turns a panic into a 500 with the request's id; the stack goes to the log alone (S-22).
func (c *Chain) recovered(w *Response, r *http.Request) {
	if c.panicked(w, r, recover()) && w.status == 0 {
		defer c.speechless(w, r)
		c.o.Error(w, r, http.StatusInternalServerError, nil)
	}
}

// speechless answers in plain text when the page that apologizes panics itself.
func (c *Chain) speechless(w *Response, r *http.Request) {
	if c.panicked(w, r, recover()) && w.status == 0 {
		http.Error(w, http.StatusText(http.StatusInternalServerError)+" "+c.requestID(w.id), http.StatusInternalServerError)
	}
}

// panicked logs what was recovered, if anything was.
func (c *Chain) panicked(w *Response, r *http.Request, p any) bool {
	if p == nil {
		return false
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	c.o.Log.Error("panic", "id", c.requestID(w.id), "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return true
}

func (c *Chain) securityHeaders(h http.Header) {
	for i := range c.headers {
		if name := c.headers[i].name; len(h[name]) == 0 {
			h[name] = c.headers[i].values
		}
	}
}

func (c *Chain) requestID(n uint64) string { return c.prefix + strconv.FormatUint(n, 36) }

// An AccessLog writes a line of JSON for every request, through a buffer that is flushed every second and at Close.
// A line tells route, status, size and time; no address, no query, no header.
type AccessLog struct {
	mu   sync.Mutex
	out  io.Writer
	buf  []byte
	last int64  // the second, since 1970, that sec spells
	sec  []byte // "2006-01-02T15:04:05."
	stop chan struct{}
	done chan struct{}
}

const accessBuffer = 64 << 10

// NewAccessLog returns an access log that writes to out.
func NewAccessLog(out io.Writer) *AccessLog {
	l := &AccessLog{out: out, buf: make([]byte, 0, accessBuffer), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *AccessLog) run() {
	defer close(l.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			l.Flush()
			return
		case <-tick.C:
			l.Flush()
		}
	}
}

// Flush writes out what is buffered.
func (l *AccessLog) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
}

func (l *AccessLog) flush() {
	if len(l.buf) > 0 {
		_, _ = l.out.Write(l.buf) // there is nowhere to tell of a log that cannot be written
		l.buf = l.buf[:0]
	}
}

// Close flushes and ends the log.
func (l *AccessLog) Close() {
	close(l.stop)
	<-l.done
}

func (l *AccessLog) write(w *Response, r *http.Request, took time.Duration, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.appendTime(append(l.buf, `{"time":"`...), at)
	b = append(b, `","level":"INFO","msg":"request","id":"`...)
	b = append(b, w.chain.prefix...)
	b = strconv.AppendUint(b, w.id, 36)
	b = append(b, `","method":`...)
	b = appendText(b, r.Method, 10)
	b = append(b, `,"route":`...)
	b = appendText(b, r.Pattern, 100)
	// What leads nowhere may hold anything, an address too; a token is nobody's business.
	if r.Pattern != "" && w.status != http.StatusNotFound && !strings.Contains(r.Pattern, "{token}") {
		b = append(b, `,"path":`...)
		b = appendText(b, r.URL.Path, 160)
	}
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(w.status), 10)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, w.bytes, 10)
	b = append(b, `,"us":`...)
	b = strconv.AppendInt(b, took.Microseconds(), 10)
	l.buf = append(b, "}\n"...)
	if len(l.buf) > accessBuffer-1024 {
		l.flush()
	}
}

// appendTime appends a time as in RFC 3339, to the microsecond. Spelling out the second anew for each line took as long
// as all the rest of it.
func (l *AccessLog) appendTime(b []byte, at time.Time) []byte {
	if second := at.Unix(); second != l.last || l.sec == nil {
		l.last, l.sec = second, at.UTC().AppendFormat(l.sec[:0], "2006-01-02T15:04:05.")
	}
	b = append(b, l.sec...)
	for micros, unit := at.Nanosecond()/1000, 100_000; unit > 0; unit /= 10 {
		b = append(b, byte('0'+micros/unit%10))
	}
	return append(b, 'Z')
}

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string of at most n bytes of s. Everything outside printable ASCII is escaped byte by
// byte, so that no line can be forged or broken (S-18).
func appendText(b []byte, s string, n int) []byte {
	b = append(b, '"')
	for i := 0; i < len(s) && i < n; i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20 || c > 0x7e:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
