package web

import (
	"context"
	"net/http"
	"time"
)

// pingTime is how long the database may take to say that it is there.
const pingTime = 2 * time.Second

// alive says that the process runs, whatever else is broken: a supervisor restarts what does not answer.
func (s *Site) alive(w http.ResponseWriter, _ *http.Request) error {
	say(w, http.StatusOK, "alive\n")
	return nil
}

// ready says whether requests can be answered: a balancer sends them elsewhere while they cannot. What the site does
// without meanwhile follows, a line each.
func (s *Site) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), pingTime)
	defer cancel()
	if err := s.DB.Ping(ctx); err != nil {
		s.Log.Error("not ready", "error", err)
		say(w, http.StatusServiceUnavailable, "the database does not answer\n")
		return nil
	}
	answer := "ready\n"
	if s.Lacks != nil {
		for _, line := range s.Lacks() {
			answer += line + "\n"
		}
	}
	say(w, http.StatusOK, answer)
	return nil
}

// say answers a program in a line.
func say(w http.ResponseWriter, status int, line string) {
	h := w.Header()
	h["Content-Type"] = []string{plainText}
	h["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line))
}
