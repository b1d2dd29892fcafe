package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// Days between a payment that failed and the mails about it: the first says it at once.
var dunning = [...]time.Duration{0, 3 * 24 * time.Hour, 7 * 24 * time.Hour}

// How long before something happens a reader hears of it, and after it.
const (
	noticeTrial = 3 * 24 * time.Hour  // a trial becomes a subscription
	noticeYear  = 14 * 24 * time.Hour // a year is charged again
	noticeCard  = 21 * 24 * time.Hour // the card is no longer good when the next charge comes
	winBack     = 30 * 24 * time.Hour // after the end
	winBackLast = 90 * 24 * time.Hour
	freshFor    = 7 * 24 * time.Hour // what is older is no news: nobody is told of it late
)

// A message is one mail about a contract, written once.
type message struct {
	key     string // names it among the mails of its contract
	at      time.Time
	instead string // the key of another that is not to be written any more, or ""
	readers.Notice
}

// write puts the mails into the outbox that are due after a contract was recorded, each once.
func (t *Till) write(ctx context.Context, tx *storage.DB, c Contract, before Record) error {
	if c.Reader == 0 {
		return nil
	}
	now := t.now()
	var due []message
	for _, m := range t.messages(c, before, now) {
		if !m.at.After(now) && now.Sub(m.at) < freshFor {
			due = append(due, m)
		}
	}
	for _, m := range due {
		if err := t.send(ctx, tx, c, m); err != nil {
			return fmt.Errorf("mail %q about contract %d: %w", m.key, c.ID, err)
		}
	}
	return nil
}

func (t *Till) send(ctx context.Context, tx *storage.DB, c Contract, m message) error {
	n, err := tx.Exec(ctx, `INSERT INTO contract_mails (contract, mail, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		c.ID, m.key, storage.Micros(t.now()))
	if err != nil || n == 0 {
		return err
	}
	if m.instead != "" {
		if _, err := tx.Exec(ctx, `INSERT INTO contract_mails (contract, mail, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			c.ID, m.instead, storage.Micros(t.now())); err != nil {
			return err
		}
	}
	err = tx.QueryRow(ctx, `SELECT address FROM readers WHERE id = $1`, c.Reader).Scan(&m.To)
	if err != nil {
		if err := storage.NotFound(err, "There is no such reader."); !fault.Is(err, fault.NotFound) {
			return err
		}
		return nil // the account is gone
	}
	if m.marketing() {
		var agreed int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM consents WHERE reader = $1 AND withdrawn = 0`, c.Reader).Scan(&agreed); err != nil || agreed == 0 {
			return err
		}
	}
	mail, err := t.readers.Compose(m.Notice)
	if err != nil {
		return err
	}
	return t.out.Put(ctx, tx, mail)
}

// marketing reports that a mail asks for something, and goes only to those who agreed to have letters.
func (m message) marketing() bool { return m.Kind == "win-back" }

// messages are all mails that the state of a contract calls for, whether or not they were written: each tells by at
// when it is due. before is the state it had, zero at the beginning.
func (t *Till) messages(c Contract, before Record, now time.Time) []message {
	list := t.ofPayments(c)
	if c.Record.Once {
		return list
	}
	list = append(list, t.ofChoices(c, before, now)...)
	list = append(list, t.ofTime(c)...)
	list = append(list, t.ofMoves(c, now)...)
	if !c.Record.LateSince.IsZero() && c.Record.Ended.IsZero() {
		list = append(list, t.ofLateness(c)...)
	}
	if !before.LateSince.IsZero() && c.Record.LateSince.IsZero() && c.Record.Ended.IsZero() {
		list = append(list, t.message(c, fmt.Sprint("recovered ", before.LateSince.Unix()), now, readers.Notice{
			Kind: "payment-recovered", Subject: "Your payment has arrived", Heading: "All is well again",
			Lines: []string{"Your payment has arrived, and your subscription goes on as before. Thank you."}}))
	}
	return list
}

// message adds to a notice what all of them have.
func (t *Till) message(c Contract, key string, at time.Time, n readers.Notice) message {
	if n.Link == "" {
		n.Link, n.Button = t.options.Origin+"/account#subscription", "Your account"
	}
	if n.Preheader == "" {
		n.Preheader = n.Lines[0]
	}
	n.UselessAfter = 3 * 24 * time.Hour
	return message{key: key, at: at, Notice: n}
}

func (t *Till) ofPayments(c Contract) (list []message) {
	first := true
	for _, p := range c.Record.Payments {
		switch p.Kind {
		case Charge:
			if !first && p.Amount.Amount > 0 {
				list = append(list, t.message(c, "charge "+p.Ref, p.At, readers.Notice{
					Kind: "receipt", Subject: "Your receipt from " + t.options.Name, Heading: "Thank you for reading on",
					Lines: []string{fmt.Sprintf("We charged %s for %s to %s.", t.sum(p.Amount), t.day(p.Starts), t.lastDay(p.Ends)),
						"Your account keeps all your receipts."},
					Link: t.options.Origin + "/account#subscription", Button: "Your receipts"}))
			}
			first = false
		case Refund:
			list = append(list, t.message(c, "refund "+p.Ref, p.At, readers.Notice{
				Kind: "refund", Subject: "Your money is on its way back", Heading: "We have returned your payment",
				Lines: []string{fmt.Sprintf("We have returned %s. It depends on your bank when you see it, within ten days as a rule.",
					t.sum(p.Amount.Negate()))}}))
		}
	}
	return list
}

// ofChoices are the mails about what the reader has decided.
func (t *Till) ofChoices(c Contract, before Record, now time.Time) (list []message) {
	r := c.Record
	add := func(key string, n readers.Notice) { list = append(list, t.message(c, key, now, n)) }
	began := before.Created.IsZero()
	switch {
	case began && c.Refused != "":
		add(string(c.Refused), t.refused(c))
		list[len(list)-1].instead = "ended"
	case began && r.Ended.IsZero() && c.For == "":
		add("welcome", t.welcome(c))
	}
	switch {
	case began || !r.Ended.IsZero():
	case r.Leaves && !before.Leaves:
		add(fmt.Sprint("canceled ", r.PaidUntil.Unix()), readers.Notice{Kind: "canceled", Subject: "Your subscription is canceled",
			Heading: "Your subscription is canceled",
			Lines: []string{fmt.Sprintf("Nothing more will be charged. You read everything until %s, as it is paid.", t.lastDay(r.PaidUntil)),
				"Should you think otherwise before then, your account has a button to go on."}})
	case !r.PausedTo.IsZero() && before.PausedTo.IsZero():
		add(fmt.Sprint("paused ", r.PausedTo.Unix()), readers.Notice{Kind: "paused", Subject: "Your subscription is paused",
			Heading: "Your subscription is paused",
			Lines: []string{fmt.Sprintf("You read on until %s. Then nothing is charged until %s, when it begins again by itself.",
				t.lastDay(r.PaidUntil), t.day(r.PausedTo))}})
	case before.Leaves && !r.Leaves, !before.PausedTo.IsZero() && r.PausedTo.IsZero():
		add(fmt.Sprint("resumed ", c.asked.UnixMicro()), readers.Notice{Kind: "resumed", Subject: "Your subscription goes on",
			Heading: "Your subscription goes on", Lines: []string{t.next(r)}})
	}
	if !began && before.Plan != r.Plan {
		add(fmt.Sprint("switched ", r.Plan, c.asked.UnixMicro()), readers.Notice{Kind: "switched", Subject: "Your plan has changed",
			Heading: "Your plan has changed", Lines: []string{fmt.Sprintf("You now pay %s.", t.price(r)), t.next(r)}})
	}
	if !began && before.Ended.IsZero() && !r.Ended.IsZero() {
		add("ended", t.ended(c, before))
	}
	return list
}

func (t *Till) refused(c Contract) readers.Notice {
	if c.Refused == Twice {
		return readers.Notice{Kind: "paid-twice", Subject: "You have paid twice, and have it back", Heading: "You had a subscription already",
			Lines: []string{"Somebody has just paid for another subscription with your address. We have ended that one and return all that was paid for it.",
				"The subscription you had goes on as before."}}
	}
	return readers.Notice{Kind: "offer-had", Subject: "You had this offer before", Heading: "You had this offer before",
		Lines: []string{"Free days and the lower first price are for each person once, and this address or this card has had them.",
			"We have ended the subscription at once, and return what was paid for it, if anything was. You are welcome at the usual price."},
		Link: t.options.Origin + "/subscribe", Button: "See the prices"}
}

func (t *Till) welcome(c Contract) readers.Notice {
	r := c.Record
	what := fmt.Sprintf("Your subscription is %s.", t.price(r))
	if len(r.Payments) > 0 && r.Payments[0].Amount.Amount > 0 {
		what += fmt.Sprintf(" We charged %s today.", t.sum(r.Payments[0].Amount))
	}
	return readers.Notice{Kind: "welcome", Subject: "Welcome to " + t.options.Name, Heading: "Everything is open to you",
		Preheader: "You read everything from now on, without advertising.",
		Lines: []string{"Thank you for subscribing. Everything we have published is open to you, without advertising.",
			what + " " + t.next(r), "Sign in with this address on every device you read on."},
		Link: t.options.Origin + "/sign-in?return_to=/account", Button: "Sign in",
		Aside: "You may withdraw within fourteen days, and have your money back: your account has a button for it. You may cancel at any time."}
}

func (t *Till) ended(c Contract, before Record) readers.Notice {
	n := readers.Notice{Kind: "ended", Subject: "Your subscription has ended", Heading: "Your subscription has ended",
		Link: t.options.Origin + "/subscribe", Button: "Subscribe again"}
	switch {
	case !c.Record.LateSince.IsZero() || !before.LateSince.IsZero():
		n.Lines = []string{"The payment that was due did not come, so your subscription has ended. Nothing more will be charged.",
			"Your account stays, with its free articles and newsletters."}
	case c.Record.Ended.Before(c.Record.PaidUntil):
		n.Lines = []string{"It ended today, and nothing more will be charged.", "Your account stays, with its free articles and newsletters."}
	default:
		n.Lines = []string{"It has run to the end of what was paid, and nothing more will be charged.",
			"Your account stays, with its free articles and newsletters. Thank you for having read with us."}
	}
	return n
}

func (t *Till) ofLateness(c Contract) (list []message) {
	r := c.Record
	last := r.CoveredUntil(t.options.Grace)
	for i, after := range dunning {
		at := r.LateSince.Add(after)
		if !at.Before(last) {
			break
		}
		n := readers.Notice{Kind: "payment-failed", Subject: "Your payment did not go through", Heading: "Your payment did not go through",
			Lines: []string{fmt.Sprintf("We could not charge %s. You read on until %s, and we try again before then.", t.sum(r.Price), t.lastDay(last)),
				"Most often a card has expired or been replaced. The button leads to a page where you can change it, and to nothing else: there is no need to sign in."},
			Link: t.options.Origin + "/card/" + t.CardToken(c.ID), Button: "Change the card"}
		if i == len(dunning)-1 {
			n.Subject = "Your subscription is about to end"
		}
		list = append(list, t.message(c, fmt.Sprint("late ", r.LateSince.Unix(), " ", i+1), at, n))
	}
	return list
}

// ofTime are the mails that only the calendar calls for.
func (t *Till) ofTime(c Contract) (list []message) {
	r := c.Record
	if !r.Ended.IsZero() {
		for _, after := range []time.Duration{winBack, winBackLast} {
			list = append(list, t.message(c, fmt.Sprint("win-back ", after.Hours()/24), r.Ended.Add(after), readers.Notice{
				Kind: "win-back", Subject: "Read everything again", Heading: "You are welcome back",
				Lines: []string{"Since you left we have gone on publishing. All of it, and the whole library, is a subscription away."},
				Link:  t.options.Origin + "/subscribe", Button: "See what it holds",
				Aside: "You have this mail because you agreed to have letters from us. Your account has the switch."}))
		}
		return list
	}
	if r.NextCharge.IsZero() {
		return nil
	}
	switch {
	case r.Trial:
		list = append(list, t.message(c, fmt.Sprint("trial ", r.PaidUntil.Unix()), r.PaidUntil.Add(-noticeTrial), readers.Notice{
			Kind: "trial-ends", Subject: "Your free days are about to end", Heading: "Your free days are about to end",
			Lines: []string{t.next(r), "If you do not want that, cancel before: your account has the button."}}))
	case r.Every == Yearly && r.NextCharge.Sub(r.Created) > noticeYear:
		list = append(list, t.message(c, fmt.Sprint("renewal ", r.NextCharge.Unix()), r.NextCharge.Add(-noticeYear), readers.Notice{
			Kind: "renewal", Subject: "Your subscription is about to be renewed", Heading: "Another year of reading",
			Lines: []string{t.next(r), "If you do not want that, cancel before: your account has the button."}}))
	}
	if good := r.Card.Expires(); !good.IsZero() && !good.After(r.NextCharge) {
		list = append(list, t.message(c, fmt.Sprintf("card %d-%d", r.Card.Year, r.Card.Month), good.Add(-noticeCard), readers.Notice{
			Kind: "card-expires", Subject: "Your card is about to expire", Heading: "Your card is about to expire",
			Lines: []string{fmt.Sprintf("The %s card ending in %s is no longer good when the next payment is due on %s.", r.Card.Brand, r.Card.Last4, t.day(r.NextCharge)),
				"The button leads to a page where you can change it, and to nothing else: there is no need to sign in."},
			Link: t.options.Origin + "/card/" + t.CardToken(c.ID), Button: "Change the card"}))
	}
	return list
}

// next says what is charged next.
func (t *Till) next(r Record) string {
	if r.NextCharge.IsZero() {
		return "Nothing more will be charged."
	}
	return fmt.Sprintf("The next payment, %s, is due on %s.", t.sum(r.Price), t.day(r.NextCharge))
}

// price says what a contract costs.
func (t *Till) price(r Record) string {
	return t.period(r.Price, r.Every)
}

func (t *Till) period(m Money, every Period) string {
	if every == Yearly {
		return t.sum(m) + " a year"
	}
	return t.sum(m) + " a month"
}

func (t *Till) sum(m Money) string { return m.Format(t.options.Language) }

func (t *Till) day(at time.Time) string { return at.In(t.options.Zone).Format("2 January 2006") }

// lastDay is the day before whose end a time ends.
func (t *Till) lastDay(end time.Time) string { return t.day(end.Add(-time.Microsecond)) }
