package gifts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// Kind is what gifts are called at the till (billing.TillOptions.Goods).
const Kind = "gift"

// Months are how long a gift may be.
var Months = []int{1, 3, 6, 12}

// Limits of what a giver writes, in runes, and of how far ahead a gift may be sent.
const (
	noteLimit = 500
	nameLimit = 80
	ahead     = 366 * 24 * time.Hour
)

// Options of New.
type Options struct {
	Origin string // of the site: scheme, host and port
	Name   string // of the publication
	Zone   *time.Location
	Now    func() time.Time
	Log    *slog.Logger
}

// Gifts are the gifts of a publication. They are safe for concurrent use.
type Gifts struct {
	db      *storage.DB
	readers *readers.Readers
	out     *outbox.Outbox
	secret  []byte
	options Options
}

// New returns the gifts kept in db.
func New(ctx context.Context, db *storage.DB, r *readers.Readers, out *outbox.Outbox, o Options) (*Gifts, error) {
	secret, err := db.Secret(ctx, "gifts")
	if err != nil {
		return nil, fmt.Errorf("open gifts: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Gifts{db: db, readers: r, out: out, secret: secret, options: o}, nil
}

// A Gift is a subscription that was given.
type Gift struct {
	ID        int64
	Months    int
	Giver     int64
	Signed    string // the giver's name, as the receiver reads it
	Note      string
	Receiver  string // address it is sent to, "" for a card that is handed over
	Deliver   time.Time
	Delivered time.Time // zero while it was not sent
	Paid      time.Time // zero while it was not paid
	Revoked   time.Time // zero unless its payment went back
	Reader    int64     // who redeemed it, 0 for nobody, -1 for an account that is deleted
	Starts    time.Time // what it covers for them
	Ends      time.Time
}

// Good reports that the gift can be redeemed, or was.
func (g Gift) Good() bool { return !g.Paid.IsZero() && g.Revoked.IsZero() }

// Redeemed reports that somebody has it.
func (g Gift) Redeemed() bool { return g.Reader != 0 }

const columns = `id, months, giver, signed, note, receiver, deliver, delivered, paid, revoked, reader, starts, ends`

func (g *Gift) scan(row interface{ Scan(...any) error }) error {
	var deliver, delivered, paid, revoked, starts, ends int64
	err := row.Scan(&g.ID, &g.Months, &g.Giver, &g.Signed, &g.Note, &g.Receiver, &deliver, &delivered, &paid, &revoked, &g.Reader, &starts, &ends)
	g.Deliver, g.Delivered, g.Paid, g.Revoked = storage.Time(deliver), storage.Time(delivered), storage.Time(paid), storage.Time(revoked)
	g.Starts, g.Ends = storage.Time(starts), storage.Time(ends)
	return err
}

func scan(rows *sql.Rows, err error) ([]Gift, error) {
	if err != nil {
		return nil, fmt.Errorf("gifts: %w", err)
	}
	defer rows.Close()
	var list []Gift
	for rows.Next() {
		var g Gift
		if err := g.scan(rows); err != nil {
			return nil, fmt.Errorf("gifts: %w", err)
		}
		list = append(list, g)
	}
	return list, rows.Err()
}

// keyed stands for a gift in a way that nobody else can make. Each use has a purpose of its own.
func (s *Gifts) keyed(purpose string, id int64) []byte {
	h := hmac.New(sha256.New, s.secret)
	fmt.Fprintf(h, "%s\x00%d", purpose, id)
	return h.Sum(nil)
}

// alphabet leaves out what is mistaken for another sign: I, L, O and U.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Code is what the receiver types: 80 bits in four groups, as "7G2K-9QWD-0XNC-41TB".
func (s *Gifts) Code(g Gift) string {
	c := alphabet.EncodeToString(s.keyed("code", g.ID)[:10])
	return c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
}

// codeDigest is what a code is known by, however people type it: in small letters, with spaces, and O for 0.
func codeDigest(typed string) string {
	plain := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	plain = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, plain)
	sum := sha256.Sum256([]byte(plain))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// CardToken opens the card of a gift, with its code, without signing in.
func (s *Gifts) CardToken(id int64) string {
	return fmt.Sprintf("%d.%s", id, base64.RawURLEncoding.EncodeToString(s.keyed("card", id)))
}

// Card returns the gift that a card is of. NotFound for what is no token of one.
func (s *Gifts) Card(ctx context.Context, token string) (Gift, error) {
	number, _, _ := strings.Cut(token, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !hmac.Equal([]byte(token), []byte(s.CardToken(id))) {
		return Gift{}, fault.New(fault.NotFound, "This link is not complete. Please open it from the mail again.")
	}
	return s.Gift(ctx, id)
}

// Gift returns a gift, or NotFound.
func (s *Gifts) Gift(ctx context.Context, id int64) (g Gift, err error) {
	err = g.scan(s.db.QueryRow(ctx, `SELECT `+columns+` FROM gift_subscriptions WHERE id = $1`, id))
	if err != nil {
		return g, fmt.Errorf("gift %d: %w", id, storage.NotFound(err, "There is no such gift."))
	}
	return g, nil
}

// Given returns what a reader gave, the newest first: what was paid for.
func (s *Gifts) Given(ctx context.Context, giver int64) ([]Gift, error) {
	return scan(s.db.Query(ctx, `SELECT `+columns+` FROM gift_subscriptions WHERE giver = $1 AND paid > 0 ORDER BY id DESC`, giver))
}

// All returns the gifts that were paid for, the newest first.
func (s *Gifts) All(ctx context.Context, limit int) ([]Gift, error) {
	return scan(s.db.Query(ctx, `SELECT `+columns+` FROM gift_subscriptions WHERE paid > 0 ORDER BY id DESC LIMIT $1`, limit))
}

// A Draft is what a giver filled in.
type Draft struct {
	Months   int
	Signed   string
	Note     string
	Receiver string // "" for a card
	Day      string // "2027-01-31" in the publication's zone, "" for at once
}

// deliverHour is when a gift is sent on its day, in the publication's zone.
const deliverHour = 8

// check tidies a draft and returns when it is to be delivered. Invalid, with the field.
func (s *Gifts) check(d *Draft) (time.Time, error) {
	d.Signed, d.Note, d.Receiver = strings.TrimSpace(d.Signed), strings.TrimSpace(d.Note), strings.TrimSpace(d.Receiver)
	switch {
	case d.Signed == "":
		return time.Time{}, fault.Field("signed", "Please write who the gift is from.")
	case utf8.RuneCountInString(d.Signed) > nameLimit:
		return time.Time{}, fault.Field("signed", "A name may have up to %d characters.", nameLimit)
	case strings.ContainsFunc(d.Signed, unicode.IsControl):
		return time.Time{}, fault.Field("signed", "A name is one line.") // mails carry it
	case utf8.RuneCountInString(d.Note) > noteLimit:
		return time.Time{}, fault.Field("note", "A note may have up to %d characters.", noteLimit)
	case d.Receiver != "":
		address, _, err := readers.Canonical(d.Receiver)
		if err != nil {
			return time.Time{}, fault.Field("receiver", "This is no email address. Leave it empty to hand over a card.")
		}
		d.Receiver = address
	}
	now := s.options.Now().In(s.options.Zone)
	if d.Day == "" {
		return now, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, d.Day, s.options.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.options.Zone)
	switch {
	case err != nil:
		return time.Time{}, fault.Field("day", "Please write the day as 2027-01-31.")
	case day.Before(today) || day.After(now.Add(ahead)):
		return time.Time{}, fault.Field("day", "A gift can be sent today or on a day within a year.")
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), deliverHour, 0, 0, 0, s.options.Zone)
	if at.Before(now) {
		at = now
	}
	return at, nil
}

// Draft keeps what a giver filled in, until it is paid. It returns the number of the gift.
func (s *Gifts) Draft(ctx context.Context, d Draft) (id int64, err error) {
	deliver, err := s.check(&d)
	if err != nil {
		return 0, err
	}
	now := s.options.Now()
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		err := tx.QueryRow(ctx, `INSERT INTO gift_subscriptions (code, months, giver, signed, note, receiver, drafted, deliver)
			VALUES ($1, $2, 0, $3, $4, $5, $6, $7) RETURNING id`, fmt.Sprint("draft ", now.UnixNano(), " ", d.Signed, d.Receiver, d.Note), d.Months, d.Signed,
			d.Note, d.Receiver, storage.Micros(now), storage.Micros(deliver)).Scan(&id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE gift_subscriptions SET code = $1 WHERE id = $2`, codeDigest(s.Code(Gift{ID: id})), id)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("draft a gift: %w", err)
	}
	return id, nil
}

// For is what the till calls a gift.
func For(id int64) string { return fmt.Sprint(Kind, ":", id) }

// numberOf is the gift that the till calls so.
func numberOf(what string) (int64, error) {
	_, number, _ := strings.Cut(what, ":")
	return strconv.ParseInt(number, 10, 64)
}

// source is what a gift is called among the subscriptions of who redeemed it.
func source(id int64) string { return fmt.Sprint(Kind, ":", id) }

// Purchase is what the till sells for a draft.
func Purchase(id int64, months int, price billing.Price, name string) billing.Purchase {
	return billing.Purchase{For: For(id), Name: name, Price: price, Once: true, Left: "/gift?left=1"}
}

// ByPurchase returns the gift that the till calls so (billing.Contract.For), or NotFound.
func (s *Gifts) ByPurchase(ctx context.Context, what string) (Gift, error) {
	id, err := numberOf(what)
	if err != nil {
		return Gift{}, fault.Wrap(fault.NotFound, err, "There is no such gift.")
	}
	return s.Gift(ctx, id)
}
