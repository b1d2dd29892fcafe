package page

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Header values that never change, as the slices http.Header wants, so that setting them allocates nothing.
var (
	encodingGzip   = []string{"gzip"}
	encodingBrotli = []string{"br"}
	varyShared     = []string{"Accept-Encoding, Cookie"}
	varyEncoding   = []string{"Accept-Encoding"}
	cacheShared    = []string{"public, no-cache"}
	cacheForever   = []string{"public, max-age=31536000, immutable"}
	cachePersonal  = []string{"private, no-store"}
	typeValues     sync.Map // Content-Type → []string
)

// Header names in their canonical form: http.Header is indexed directly.
const (
	headerVary      = "Vary"
	headerETag      = "Etag"
	headerType      = "Content-Type"
	headerLength    = "Content-Length"
	headerEncoding  = "Content-Encoding"
	headerCache     = "Cache-Control"
	headerAcceptEnc = "Accept-Encoding"
	headerIfNoneTag = "If-None-Match"
)

func typeHeader(t string) []string {
	if v, ok := typeValues.Load(t); ok {
		return v.([]string)
	}
	v, _ := typeValues.LoadOrStore(t, []string{t})
	return v.([]string)
}

// ServeShared sends the copy that everyone shares: public, revalidated at each use, 304 when the browser has it. It
// sets no cookie. Ranges are ignored (RFC 9110, 14.2).
func ServeShared(w http.ResponseWriter, r *http.Request, s *Shared) {
	serve(w, r, s, varyShared, cacheShared)
}

func serve(w http.ResponseWriter, r *http.Request, s *Shared, vary, cache []string) {
	h := w.Header()
	h[headerVary] = vary
	h[headerCache] = cache
	e := s.gzip.Load()
	var encoding []string
	switch a := acceptable(r.Header[headerAcceptEnc]); {
	case a&acceptsBrotli != 0 && s.brotli.Load() != nil:
		e, encoding = s.brotli.Load(), encodingBrotli
	case a&acceptsGzip != 0:
		encoding = encodingGzip
	default:
		e = s.encode("", s.Bytes())
	}
	h[headerETag] = e.etag
	if matches(r.Header[headerIfNoneTag], s.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h[headerType], h[headerLength] = typeHeader(s.Type), e.length
	if encoding != nil {
		h[headerEncoding] = encoding
	}
	send(w, r, e.body)
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// ServePersonal sends a copy of one's own: never stored by anyone, without an ETag.
func ServePersonal(w http.ResponseWriter, r *http.Request, status int, s *Shared, fill func(hole string) string) {
	h := w.Header()
	h[headerVary] = varyShared
	h[headerCache] = cachePersonal
	h[headerType] = typeHeader(s.Type)
	buf := buffers.Get().(*[]byte)
	defer func() { buffers.Put(buf) }()
	var body []byte
	switch {
	case len(s.holes) == 0:
		body = s.gzip.Load().body
	default:
		*buf = s.AppendPersonal((*buf)[:0], fill)
		body = *buf
	}
	if acceptable(r.Header[headerAcceptEnc])&acceptsGzip != 0 {
		h[headerEncoding] = encodingGzip
	} else {
		body = gunzipped(body)
	}
	h[headerLength] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	send(w, r, body)
}

const (
	acceptsGzip = 1 << iota
	acceptsBrotli
)

// acceptable reads Accept-Encoding (RFC 9110, 12.5.3) for the two codings kept here. A weight of zero refuses.
func acceptable(values []string) (mask int) {
	for _, v := range values {
		for len(v) > 0 {
			var part string
			part, v, _ = strings.Cut(v, ",")
			name, weight, weighted := strings.Cut(part, ";")
			if weighted && zeroWeight(weight) {
				continue
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip":
				mask |= acceptsGzip
			case "br":
				mask |= acceptsBrotli
			}
		}
	}
	return mask
}

func zeroWeight(s string) bool {
	q, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(s)), "q=")
	return found && strings.Trim(q, "0.") == ""
}

// matches reports whether If-None-Match names a content in any encoding (RFC 9110, 13.1.2).
func matches(values []string, tag string) bool {
	for _, v := range values {
		if v == "*" {
			return true
		}
		for len(v) > 0 {
			var one string
			one, v, _ = strings.Cut(v, ",")
			one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
			if len(one) < 2 || one[0] != '"' || one[len(one)-1] != '"' {
				continue
			}
			one = one[1 : len(one)-1]
			if suffix, ok := strings.CutPrefix(one, tag); ok && (suffix == "" || suffix == "gz" || suffix == "br") {
				return true
			}
		}
	}
	return false
}

// ServeOnce sends a page that was rendered for this one request, its holes filled. It is never stored by anyone.
func ServeOnce(w http.ResponseWriter, r *http.Request, status int, rendered []byte, fill func(hole string) string) {
	body := holePattern.ReplaceAllFunc(rendered, func(m []byte) []byte { return []byte(fill(string(m[len(holeMark) : len(m)-1]))) })
	h := w.Header()
	h[headerVary] = varyShared
	h[headerCache] = cachePersonal
	h[headerType] = typeHeader("text/html; charset=utf-8")
	if len(body) > 1400 && acceptable(r.Header[headerAcceptEnc])&acceptsGzip != 0 { // less fits one packet anyway
		body = gzipped(body, 1)
		h[headerEncoding] = encodingGzip
	}
	h[headerLength] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	send(w, r, body)
}
