package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/outbox"
)

// The outbox shows the mails that a demonstration would have sent. Its routes exist in demo mode alone.
type outboxPage struct {
	Frame
	Mails []outbox.Entry
}

type mailPage struct {
	Frame
	Mail  outbox.Entry
	Shown string // the mail's HTML, whose links open in the window and not in the frame
}

// outboxLimit is how many mails the outbox shows, newest first.
const outboxLimit = 200

func (s *Site) demoRoutes() []Route {
	return []Route{
		{"GET /dev/outbox", s.outboxList},
		{"GET /dev/outbox/{id}", s.outboxMail},
		{"GET /dev/outbox.json", s.outboxJSON},
	}
}

func (s *Site) outboxList(w http.ResponseWriter, r *http.Request) (err error) {
	var p outboxPage
	if p.Mails, err = s.Outbox.List(r.Context(), outboxLimit, ""); err != nil {
		return err
	}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("outbox.heading"), "/dev/outbox"); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.outbox.Render(p)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

func (s *Site) outboxMail(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Outbox.List(r.Context(), outboxLimit, "")
	if err != nil {
		return err
	}
	for _, m := range list {
		if strconv.FormatInt(m.ID, 10) == r.PathValue("id") {
			return s.showMail(w, r, m)
		}
	}
	return errNoPage
}

func (s *Site) showMail(w http.ResponseWriter, r *http.Request, m outbox.Entry) (err error) {
	p := mailPage{Mail: m, Shown: strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)}
	if p.Frame, err = s.frame(r.Context(), m.Subject, "/dev/outbox"); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.mail.Render(p)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	// The mail's own styles stand in it; it is shown in a frame that runs nothing and reaches nothing, and whose links
	// open in the window when somebody presses them.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "+
		"img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'")
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// outboxLine is one mail for a program that drives the demonstration.
type outboxLine struct {
	To      string   `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	HTML    string   `json:"html"`
	Links   []string `json:"links"`
}

func (s *Site) outboxJSON(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Outbox.List(r.Context(), outboxLimit, "")
	if err != nil {
		return err
	}
	out := make([]outboxLine, len(list))
	for i, m := range list {
		out[i] = outboxLine{m.To, m.Subject, m.Text, m.HTML, append([]string{}, m.Links...)}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	return json.NewEncoder(w).Encode(out)
}
