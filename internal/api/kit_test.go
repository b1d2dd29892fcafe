package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fetch"
	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// kit is the webhooks of a test with what stands behind them.
type kit struct {
	t     *testing.T
	mux   *http.ServeMux
	api   *API
	clock time.Time
	took  []string // source, id, kind, hard, recipient of each record
	last  bounce.Report
	fail  error
	pages map[string]string
	asked []string
}

func open(t *testing.T, o Options) *kit {
	t.Helper()
	k := &kit{t: t, mux: http.NewServeMux(), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), pages: map[string]string{}}
	o.Intake, o.Fetch, o.Now, o.Log = k, k, func() time.Time { return k.clock }, slog.New(slog.DiscardHandler)
	var err error
	if k.api, err = New(o); err != nil {
		t.Fatal(err)
	}
	for _, r := range k.api.Routes() {
		k.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
			if err := r.Handle(w, req); err != nil {
				t.Errorf("%s: %v", r.Pattern, err)
			}
		})
	}
	return k
}

func (k *kit) Report(_ context.Context, source, id string, r bounce.Report) error {
	if k.fail != nil {
		return k.fail
	}
	k.last = r
	for _, one := range r.Records {
		k.took = append(k.took, strings.TrimSpace(fmt.Sprintf("%s %s %s %v %s", source, id, one.Kind, one.Hard, one.Recipient)))
	}
	return nil
}

func (k *kit) Get(_ context.Context, address string) (fetch.Page, error) {
	k.asked = append(k.asked, address)
	p, ok := k.pages[address]
	if !ok {
		return fetch.Page{}, errors.New("not there")
	}
	return fetch.Page{Body: []byte(p)}, nil
}

// post sends a request and returns the status; what was taken before is forgotten.
func (k *kit) post(path, body string, header ...string) int {
	k.t.Helper()
	k.took = nil
	r := httptest.NewRequestWithContext(k.t.Context(), http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	k.mux.ServeHTTP(w, r)
	if got := w.Header().Get("Cache-Control"); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed && got != "no-store" {
		k.t.Errorf("%s: Cache-Control %q", path, got)
	}
	return w.Code
}

// want checks the status and what was taken.
func (k *kit) want(what string, status, wantStatus int, took ...string) {
	k.t.Helper()
	if got, want := strings.Join(k.took, "; "), strings.Join(took, "; "); status != wantStatus || got != want {
		k.t.Errorf("%s: %d and %q, want %d and %q", what, status, got, wantStatus, want)
	}
}

// Without a secret there is no webhook, and with one there is that one.
func TestOff(t *testing.T) {
	for name, o := range map[string]Options{"": {}, "ses": {SESTopics: []string{topic}}, "mailgun": {MailgunKey: "k"},
		"postmark": {PostmarkPassword: "p"}, "sendgrid": {SendGridKey: sendGridPublic(t)}} {
		k := open(t, o)
		for _, hook := range []string{"ses", "mailgun", "postmark", "sendgrid"} {
			status := k.post("/webhooks/"+hook, "{}")
			if (status != http.StatusNotFound) != (hook == name) || status < 300 {
				t.Errorf("with %q, /webhooks/%s answers %d", name, hook, status)
			}
		}
	}
	for _, bad := range []string{"%", "aGVsbG8="} {
		if _, err := New(Options{SendGridKey: bad}); err == nil {
			t.Errorf("key %q", bad)
		}
	}
}

func TestLimitsAndTrouble(t *testing.T) {
	k := open(t, Options{PostmarkPassword: "p"})
	auth := []string{"Authorization", basic("p")}
	k.want("a body too large", k.post("/webhooks/postmark", `{"RecordType":"`+strings.Repeat("x", bodyMost)+`"}`, auth...), http.StatusRequestEntityTooLarge)
	const good = `{"RecordType":"SpamComplaint","ID":7,"Email":"anna@example.org"}`
	k.want("a good one", k.post("/webhooks/postmark", good, auth...), http.StatusNoContent, "postmark SpamComplaint/7 complaint false anna@example.org")
	k.fail = errors.New("no database")
	k.want("trouble of ours", k.post("/webhooks/postmark", good, auth...), http.StatusServiceUnavailable)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/postmark", nil)
	w := httptest.NewRecorder()
	k.mux.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}
