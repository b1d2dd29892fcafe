package web

import (
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
)

// What other companies send stands in frames on a host of its own, for who asked to see it (S-09). A page has a hole
// where it says so and asks; the page of who said yes differs from everybody's in that, and in naming the host in its policy.

// framesHole is the hole of pages on which such a frame may stand.
const framesHole = "frames"

// framed are the words that the cookie of consent holds: the same for everyone, so that it tells nobody from another.
const framed = "shown"

// framedFor is how long a browser keeps a consent.
const framedFor = 180 * 24 * time.Hour

// A frameHost is the other host. It knows one route, no cookie and no page of the site.
type frameHost struct {
	name   string
	chain  *page.Chain
	policy []string // of the pages around its frames
}

// newFrameHost returns nil when the settings name no such host.
func (s *Site) newFrameHost() *frameHost {
	at := s.Config.FrameOrigin()
	if s.Config.Ads.FrameURL == "" {
		return nil
	}
	mux := http.NewServeMux()
	chain := page.NewChain(mux, page.ChainOptions{Proxies: s.Config.Proxies(), Headers: s.frameHeaders(), Log: s.Log, Access: s.Access, Metrics: s.Metrics,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
			http.Error(w, http.StatusText(status), status)
		}})
	mux.Handle("GET /ads/frame/{creative}", chain.Handle(s.adFrame))
	return &frameHost{name: at.Hostname(), chain: chain, policy: []string{s.policy() + "; frame-src " + at.String()}}
}

// frameHeaders go with everything that the host of frames sends. Whatever a tag does, it does without an origin: it
// reaches no page, no cookie and no store of either host, and no device.
func (s *Site) frameHeaders() map[string]string {
	from := "https:"
	if s.Config.Origin().Scheme == "http" {
		from = "http: https:"
	}
	h := map[string]string{
		"Content-Security-Policy": "sandbox " + frameMay + "; default-src " + from + " data: blob: 'unsafe-inline'; object-src 'none'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors " + s.origin,
		"Referrer-Policy": "no-referrer",
		"Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=(), attribution-reporting=(), autoplay=(), display-capture=(), " +
			"fullscreen=(), payment=(), usb=(), publickey-credentials-get=(), storage-access=()",
		"X-Content-Type-Options": "nosniff",
		"X-Robots-Tag":           "noindex, nofollow",
		"Cache-Control":          "no-store",
	}
	if s.Config.FrameOrigin().Scheme == "https" {
		h["Strict-Transport-Security"] = "max-age=31536000"
	}
	return h
}

// frameMay is what a frame may do: run scripts, and open a window for a click, which is then a window like any other.
const frameMay = "allow-scripts allow-popups allow-popups-to-escape-sandbox"

// BesideFrames answers what is asked of the host of frames, and leaves everything else to next.
func (s *Site) BesideFrames(next http.Handler) http.Handler {
	if s.frames == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := (&url.URL{Host: r.Host}).Hostname(); strings.EqualFold(strings.TrimSuffix(asked, "."), s.frames.name) {
			s.frames.chain.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// adFrame is the document around another company's tag. Links without a target open a window: the frame itself goes
// nowhere.
func (s *Site) adFrame(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("creative"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "there is no such frame")
	}
	tag, err := s.Ads.Tag(r.Context(), id)
	if err != nil {
		return err
	}
	w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
	_, err = io.WriteString(w, `<!DOCTYPE html><html><head><meta charset="utf-8"><title>`+template.HTMLEscapeString(s.texts.T("ad.label"))+
		`</title><base target="_blank"></head><body style="margin:0">`+tag+"</body></html>")
	return err
}

// Framed reports whether a page is one on which frames of other companies may come to stand.
func (f Frame) Framed() bool { return f.advertised && f.Site.frames != nil }

// frameQuestion asks whether what another company sends may be shown, or says that it is and how to be rid of it.
func (s *Site) frameQuestion(shown bool) string {
	if s.frames == nil {
		return ""
	}
	button := func(value, text string) string {
		return `<button class="word" name="show" value="` + value + `">` + template.HTMLEscapeString(s.texts.T(text)) + `</button>`
	}
	if shown {
		return `<p data-shown>` + template.HTMLEscapeString(s.texts.T("ad.shown")) + ` ` + button("no", "ad.show-no") + `</p>`
	}
	return `<p>` + template.HTMLEscapeString(s.texts.T("ad.ask")) + ` ` + button("yes", "ad.show-yes") + `</p>`
}

// own serves somebody's own copy of a page. Its policy lets frames of the other host in when there is a place for one
// and this browser asked for them.
func (s *Site) own(w http.ResponseWriter, r *http.Request, v visit, p *page.Shared, fill func(hole string) string) {
	if v.framed && slices.Contains(p.Holes(), framesHole) {
		w.Header()["Content-Security-Policy"] = s.frames.policy
	}
	page.ServePersonal(w, r, http.StatusOK, p, fill)
}

// adChoicePage says what the choice is, which was made, and takes another.
type adChoicePage struct {
	Frame
	Shown bool
}

func (s *Site) adChoice(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if s.frames == nil {
		return fault.New(fault.NotFound, "There is nothing to choose: no other company sends advertisements here.")
	}
	p := adChoicePage{Shown: v.framed}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("ad.choice"), "/ads/choice"); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.adChoice.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// chooseAds keeps the choice in the browser, and nowhere else.
func (s *Site) chooseAds(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	if s.frames == nil {
		return fault.New(fault.NotFound, "There is nothing to choose: no other company sends advertisements here.")
	}
	switch r.PostForm.Get("show") {
	case "yes":
		s.cookies.set(w, s.cookies.frames, framed, framedFor)
	case "no":
		s.cookies.set(w, s.cookies.frames, "", 0)
	default:
		return fault.New(fault.Invalid, "Say yes or no.")
	}
	return to(w, r, here(r.PostForm.Get("return_to")))
}
