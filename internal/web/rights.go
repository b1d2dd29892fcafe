package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gatefold/gatefold/internal/config"
)

// rightsHeaders say on every response what may be done with the text by machines: the TDM Reservation Protocol
// (W3C community group, final report of 2024-05-10) and the usage preferences of the IETF (draft-ietf-aipref-attach,
// with the two categories that every draft of its vocabulary has).
func rightsHeaders(c config.Robots) map[string]string {
	usage := "train-ai=y, search=y"
	if c.Training == "refuse" {
		usage = "train-ai=n, search=y"
	}
	h := map[string]string{"Tdm-Reservation": strconv.Itoa(reserved(c)), "Content-Usage": usage}
	if c.TDMPolicy != "" {
		h["Tdm-Policy"] = c.TDMPolicy
	}
	return h
}

// reserved is 1 when any use by text and data mining is refused.
func reserved(c config.Robots) int {
	if c.Training == "refuse" || c.AISearch == "refuse" {
		return 1
	}
	return 0
}

// tdmRule is one entry of tdmrep.json.
type tdmRule struct {
	Location    string `json:"location"`
	Reservation int    `json:"tdm-reservation"`
	Policy      string `json:"tdm-policy,omitempty"`
}

func (s *Site) tdmFile(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "tdmrep", "application/json", func(context.Context) ([]byte, error) {
		c := s.Config.Robots
		return json.Marshal([]tdmRule{{Location: "/", Reservation: reserved(c), Policy: c.TDMPolicy}})
	})
}
