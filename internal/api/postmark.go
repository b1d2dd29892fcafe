package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// postmarkHook is what Postmark sends ("Bounce webhook", "Spam complaint webhook" and "Delivery webhook" of its
// documentation).
type postmarkHook struct {
	RecordType  string
	ID          int64
	Type        string
	MessageID   string
	Email       string
	Recipient   string // of a delivery
	Details     string
	Description string
	BouncedAt   time.Time
	DeliveredAt time.Time
}

// postmark takes a notification of Postmark, which signs nothing and signs in by a password.
func (a *API) postmark(ctx context.Context, r *http.Request, body []byte) error {
	_, password, _ := r.BasicAuth()
	have, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(a.options.PostmarkPassword))
	if subtle.ConstantTimeCompare(have[:], want[:]) != 1 {
		return forged("a wrong password")
	}
	var h postmarkHook
	if err := json.Unmarshal(body, &h); err != nil {
		return malformed("not JSON")
	}
	record, ok := h.record()
	if !ok {
		return nil
	}
	id, at := fmt.Sprint(h.ID), h.BouncedAt
	if h.RecordType == "Delivery" {
		id, at = h.MessageID+"/"+h.Recipient, h.DeliveredAt
	}
	if id == "0" || id == "/" {
		return malformed("no id")
	}
	return a.options.Intake.Report(ctx, "postmark", h.RecordType+"/"+id,
		bounce.Report{Records: []bounce.Record{record}, At: at, Notified: true})
}

// record is what a notification says; ok is false for those that say nothing of a mailbox.
func (h postmarkHook) record() (r bounce.Record, ok bool) {
	switch h.RecordType {
	case "Delivery":
		return bounce.Record{Recipient: h.Recipient, Kind: bounce.Delivered}, true
	case "SpamComplaint":
		return bounce.Record{Recipient: h.Email, Kind: bounce.Complaint, Diagnostic: "feedback: abuse"}, true
	case "Bounce":
		return h.bounce()
	}
	return r, false
}

// bounce trusts what the server said over the type ("Bounce types"), which covers more than one thing.
func (h postmarkHook) bounce() (r bounce.Record, ok bool) {
	r = bounce.Judge(h.Email, "", "", h.Details, bounce.AtRecipient)
	switch h.Type {
	case "HardBounce", "BadEmailAddress", "ManuallyDeactivated":
		if r.Kind == bounce.Unknown {
			r.Kind, r.Hard = bounce.UserUnknown, true
		}
	case "SpamComplaint":
		r.Kind, r.Hard = bounce.Complaint, false
	case "SpamNotification", "VirusNotification":
		r.Kind, r.Hard = bounce.Spam, false
	case "Blocked", "SMTPApiError":
		r.Kind, r.Hard = policyOr(r.Kind, bounce.Blocked), false
	case "DMARCPolicy":
		r.Kind, r.Hard = bounce.Auth, false
	case "SoftBounce", "Transient", "DnsError", "Undeliverable", "Unknown":
		r.Hard = false
		if r.Kind == bounce.Unknown || r.Kind == bounce.UserUnknown || r.Kind == bounce.HostUnknown {
			r.Kind = bounce.Temporary
		}
	default: // answers of programs, subscriptions, tests
		return r, false
	}
	return r, true
}

// policyOr keeps a kind that is about the sender.
func policyOr(k, otherwise bounce.Kind) bounce.Kind {
	if k.Policy() {
		return k
	}
	return otherwise
}
