package bounce

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// SES reads a notification of Amazon SES (the "Message" of an SNS message, or a mail that carries it). ok is false for
// anything else. A delivery is a Report with a record of kind Delivered.
func SES(raw []byte) (r Report, ok bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return Report{}, false
	}
	var n notification
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&n); err != nil { // a mail may go on after it
		return Report{}, false
	}
	r = Report{MessageID: n.Mail.messageID(), Notified: true}
	if a := address(n.Mail.Source); a != "" {
		r.Senders = []string{a}
	}
	switch cmp.Or(n.NotificationType, n.EventType) {
	case "Bounce":
		r.At = n.Bounce.Timestamp
		for _, to := range n.Bounce.Recipients[:min(len(n.Bounce.Recipients), recipientsMost)] {
			r.Records = append(r.Records, n.Bounce.record(to))
		}
	case "Complaint":
		r.At = n.Complaint.Timestamp
		r.Feedback = cmp.Or(n.Complaint.Type, "abuse")
		for _, to := range n.Complaint.Recipients[:min(len(n.Complaint.Recipients), recipientsMost)] {
			r.Records = append(r.Records, Record{Recipient: address(to.Address), Kind: Complaint, Diagnostic: oneLine("feedback: " + r.Feedback)})
		}
		if r.Feedback == "not-spam" {
			for i := range r.Records {
				r.Records[i].Kind = Delivered
			}
		}
	case "Delivery":
		r.At = n.Delivery.Timestamp
		for _, to := range n.Delivery.Recipients[:min(len(n.Delivery.Recipients), recipientsMost)] {
			r.Records = append(r.Records, Record{Recipient: address(to), Kind: Delivered})
		}
	default:
		return Report{}, false
	}
	return r, true
}

// notification is what SES tells: "Amazon SNS notification contents" of its developer guide.
type notification struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"` // the same under event publishing
	Mail             sesMail
	Bounce           sesBounce
	Complaint        struct {
		Timestamp  time.Time
		Recipients []sesRecipient `json:"complainedRecipients"`
		Type       string         `json:"complaintFeedbackType"`
	}
	Delivery struct {
		Timestamp  time.Time
		Recipients []string `json:"recipients"`
	}
}

type sesMail struct {
	Source  string
	Headers []struct{ Name, Value string }
}

// messageID is the one the mail was sent with; SES puts its own in messageId.
func (m sesMail) messageID() string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, "Message-ID") {
			return identifier(h.Value)
		}
	}
	return ""
}

type sesRecipient struct {
	Address    string `json:"emailAddress"`
	Action     string `json:"action"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

type sesBounce struct {
	Timestamp  time.Time
	Type       string         `json:"bounceType"`
	SubType    string         `json:"bounceSubType"`
	Recipients []sesRecipient `json:"bouncedRecipients"`
}

// record trusts the diagnostic where there is one, else the type that SES gives: an address on its own suppression
// list, or "NoEmail", is one that bounced hard before.
func (b sesBounce) record(to sesRecipient) Record {
	said := to.Diagnostic
	if _, after, found := strings.Cut(said, ";"); found {
		said = strings.TrimSpace(after)
	}
	e := evidence{recipient: address(to.Address), said: said, action: strings.ToLower(to.Action), status: statusOf(to.Status)}
	r := e.record()
	if r.Kind != Unknown {
		return r
	}
	switch b.Type + "/" + b.SubType {
	case "Permanent/General", "Permanent/NoEmail", "Permanent/Suppressed", "Permanent/OnAccountSuppressionList":
		r.Kind, r.Hard = UserUnknown, true
	case "Transient/MailboxFull":
		r.Kind = MailboxFull
	case "Transient/MessageTooLarge":
		r.Kind = TooBig
	case "Transient/ContentRejected", "Transient/AttachmentRejected":
		r.Kind = Spam
	default:
		r.Kind = Temporary
	}
	return r
}
