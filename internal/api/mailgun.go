package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// mailgunHook is what Mailgun sends ("Webhooks" and "Event structure" of its documentation).
type mailgunHook struct {
	Signature struct{ Timestamp, Token, Signature string }
	Event     struct {
		ID        string
		Event     string
		Severity  string
		Reason    string
		Recipient string
		Timestamp float64 // seconds since 1970
		Envelope  struct{ Sender string }
		Message   struct {
			Headers struct {
				ID string `json:"message-id"`
			}
		}
		Delivery struct {
			Code        json.Number
			Message     string
			Description string
			Enhanced    string `json:"enhanced-code"`
		} `json:"delivery-status"`
	} `json:"event-data"`
}

// mailgun takes an event of Mailgun. What Mailgun signs is a time and a token and not the event: a token is therefore
// good for one body only, so that a signature that somebody saw carries nothing else.
func (a *API) mailgun(ctx context.Context, _ *http.Request, body []byte) error {
	var h mailgunHook
	if err := json.Unmarshal(body, &h); err != nil {
		return malformed("not JSON")
	}
	s := h.Signature
	mac := hmac.New(sha256.New, []byte(a.options.MailgunKey))
	mac.Write([]byte(s.Timestamp + s.Token))
	have, err := hex.DecodeString(s.Signature)
	seconds, err2 := strconv.ParseInt(s.Timestamp, 10, 64)
	switch {
	case err != nil || err2 != nil || !hmac.Equal(have, mac.Sum(nil)):
		return forged("a wrong signature")
	case !a.fresh(time.Unix(seconds, 0)):
		return forged("too old, or of the future")
	case !a.tokens.use(s.Token, sha256.Sum256(body), a.options.Now()):
		return forged("a token that was used for something else")
	case h.Event.ID == "":
		return malformed("no id")
	}
	r, ok := h.report()
	if !ok {
		return nil
	}
	return a.options.Intake.Report(ctx, "mailgun", h.Event.ID, r)
}

// report is what an event says; ok is false for events that say nothing of a mailbox.
func (h mailgunHook) report() (r bounce.Report, ok bool) {
	e := h.Event
	record := bounce.Record{Recipient: e.Recipient}
	switch e.Event {
	case "delivered":
		record.Kind = bounce.Delivered
	case "complained":
		record.Kind, record.Diagnostic = bounce.Complaint, "feedback: abuse"
	case "failed":
		record = h.failure()
	default:
		return r, false
	}
	return bounce.Report{Records: []bounce.Record{record}, MessageID: strings.Trim(e.Message.Headers.ID, "<>"),
		Senders: []string{strings.ToLower(e.Envelope.Sender)}, At: time.UnixMilli(int64(e.Timestamp * 1000)), Notified: true}, true
}

func (h mailgunHook) failure() bounce.Record {
	e := h.Event
	d := e.Delivery
	record := bounce.Judge(e.Recipient, d.Code.String(), d.Enhanced, strings.TrimSpace(d.Message+" "+d.Description), bounce.AtRecipient)
	switch {
	case e.Severity == "temporary":
		record.Hard, record.Delayed = false, true // Mailgun tries again, and says so when it gives up
	case e.Reason == "suppress-bounce": // it bounced hard before
		record.Kind, record.Hard = bounce.UserUnknown, true
	case e.Reason == "suppress-complaint":
		record.Kind, record.Hard = bounce.Complaint, false
	}
	return record
}

// tokens are those that came within the time in which they are good. The zero value is empty.
type tokens struct {
	mu   sync.Mutex
	used map[string]use
}

type use struct {
	body  [sha256.Size]byte
	until time.Time
}

// tokensMost bounds what is remembered; only who has the key adds to it.
const tokensMost = 50_000

// use reports whether a token is new, or comes with the body it came with first.
func (t *tokens) use(token string, body [sha256.Size]byte, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used == nil {
		t.used = map[string]use{}
	}
	if u, ok := t.used[token]; ok && now.Before(u.until) {
		return u.body == body
	}
	if len(t.used) >= tokensMost {
		for k, u := range t.used {
			if !now.Before(u.until) {
				delete(t.used, k)
			}
		}
		if len(t.used) >= tokensMost {
			return false
		}
	}
	t.used[token] = use{body, now.Add(2 * tolerance)}
	return true
}
