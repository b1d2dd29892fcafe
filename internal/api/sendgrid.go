package api

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// sendGridEvent is one of those that SendGrid sends in an array ("Event Webhook Reference" of its documentation).
type sendGridEvent struct {
	ID        string `json:"sg_event_id"`
	Event     string `json:"event"`
	Type      string `json:"type"`
	Email     string `json:"email"`
	Timestamp int64  `json:"timestamp"`
	MessageID string `json:"smtp-id"`
	Reason    string `json:"reason"`
	Status    string `json:"status"`
}

// The headers of a signed request ("Event Webhook Security Features").
const (
	sendGridSignature = "X-Twilio-Email-Event-Webhook-Signature"
	sendGridTime      = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// sendgrid takes a batch of events of SendGrid. Broken off, it is sent again whole, and what was taken does not count
// twice.
func (a *API) sendgrid(ctx context.Context, r *http.Request, body []byte) error {
	at := r.Header.Get(sendGridTime)
	seconds, err := strconv.ParseInt(at, 10, 64)
	signature, err2 := base64.StdEncoding.DecodeString(r.Header.Get(sendGridSignature))
	sum := sha256.Sum256(append([]byte(at), body...))
	switch {
	case err != nil || err2 != nil || !ecdsa.VerifyASN1(a.sendGrid, sum[:], signature):
		return forged("a wrong signature")
	case !a.fresh(time.Unix(seconds, 0)):
		return forged("too old, or of the future")
	}
	var events []sendGridEvent
	if err := json.Unmarshal(body, &events); err != nil {
		return malformed("not an array of events")
	}
	for _, e := range events {
		record, ok := e.record()
		if !ok || e.ID == "" {
			continue
		}
		report := bounce.Report{Records: []bounce.Record{record}, MessageID: strings.Trim(e.MessageID, "<>"),
			At: time.Unix(e.Timestamp, 0), Notified: true}
		if err := a.options.Intake.Report(ctx, "sendgrid", e.ID, report); err != nil {
			return err
		}
	}
	return nil
}

// record is what an event says; ok is false for those that say nothing of a mailbox.
func (e sendGridEvent) record() (r bounce.Record, ok bool) {
	switch e.Event {
	case "delivered":
		return bounce.Record{Recipient: e.Email, Kind: bounce.Delivered}, true
	case "spamreport":
		return bounce.Record{Recipient: e.Email, Kind: bounce.Complaint, Diagnostic: "feedback: abuse"}, true
	case "dropped": // not sent, for what is known of the address from before
		switch e.Reason {
		case "Bounced Address", "Invalid":
			return bounce.Record{Recipient: e.Email, Kind: bounce.UserUnknown, Hard: true, Status: "5.0.0", Diagnostic: e.Reason}, true
		case "Spam Reporting Address":
			return bounce.Record{Recipient: e.Email, Kind: bounce.Complaint, Diagnostic: e.Reason}, true
		}
	case "bounce":
		r = bounce.Judge(e.Email, "", "", e.Reason, bounce.AtRecipient)
		if e.Type == "blocked" { // SendGrid's word for all that may pass
			r.Hard = false
			if r.Kind == bounce.Unknown || r.Kind == bounce.UserUnknown || r.Kind == bounce.HostUnknown {
				r.Kind = bounce.Temporary
			}
		} else if r.Kind == bounce.Unknown && strings.HasPrefix(e.Status, "5.1.") {
			r.Kind, r.Hard = bounce.UserUnknown, true
		}
		return r, true
	}
	return r, false
}
