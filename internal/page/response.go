package page

import (
	"net/http"
	"net/netip"
)

// Response is the http.ResponseWriter that the Chain hands to handlers: it counts what is sent, knows the request's
// id and client, and holds back the mux's own plain 404 and 405 so that the site's page can stand there.
type Response struct {
	http.ResponseWriter
	request *http.Request
	chain   *Chain
	id      uint64
	status  int
	bytes   int64
	held    bool // the mux answered 404 or 405 itself; nothing was sent
	ours    bool // what was held back has been replaced: what comes now is the site's
	allow   string
}

// WriteHeader implements http.ResponseWriter.
func (w *Response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if !w.ours && w.request.Pattern == "" && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) {
		w.held, w.allow = true, w.Header().Get("Allow")
		w.status = status
		return
	}
	w.status = status
	if status != http.StatusNotModified { // which only renews what the browser has (RFC 9110, 15.4.5)
		w.chain.securityHeaders(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *Response) Write(p []byte) (int, error) {
	if w.held {
		return len(p), nil
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *Response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// release lets the site's page be sent in place of what was held back.
func (w *Response) release() (status int) {
	status, w.held, w.ours, w.status = w.status, false, true, 0
	h := w.Header()
	clear(h)
	if w.allow != "" {
		h.Set("Allow", w.allow)
	}
	return status
}

// Client returns the address of who asks: the connection's, or behind trusted proxies the rightmost hop of
// X-Forwarded-For that is not one of them. Without trusted proxies every such header is ignored (W-13).
func Client(w http.ResponseWriter, r *http.Request) netip.Addr {
	var proxies []netip.Prefix
	if p, ok := w.(*Response); ok {
		proxies = p.chain.o.Proxies
	}
	return clientAddress(r.RemoteAddr, r.Header.Values("X-Forwarded-For"), proxies)
}

// RequestID returns the id under which the log tells of a request.
func RequestID(w http.ResponseWriter) string {
	if p, ok := w.(*Response); ok {
		return p.chain.requestID(p.id)
	}
	return ""
}
