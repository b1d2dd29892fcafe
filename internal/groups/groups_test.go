package groups_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var morning = time.Date(2027, 1, 31, 9, 0, 0, 0, time.UTC)

// office has groups, a till, and a clock that tests set.
type office struct {
	t        *testing.T
	groups   *groups.Groups
	till     *billing.Till
	plans    *billing.Billing
	provider *rehearsal.Provider
	readers  *readers.Readers
	out      *outbox.Outbox
	db       *storage.DB
	now      time.Time
}

func inOffice(t *testing.T, f func(s *office)) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		s := &office{t: t, db: db, now: morning}
		clock := func() time.Time { return s.now }
		ctx := t.Context()
		var err error
		s.out, err = outbox.New(ctx, db, outbox.Options{Now: clock, Keep: true})
		s.must(err)
		s.readers, err = readers.New(ctx, db, s.out, readers.Options{
			Publication: readers.Publication{Name: "The Review", Origin: "https://review.example"}, Now: clock})
		s.must(err)
		s.groups, err = groups.New(ctx, db, s.readers, s.out, groups.Options{Origin: "https://review.example", Name: "The Review", Now: clock})
		s.must(err)
		s.plans, s.provider = billing.New(db, clock), rehearsal.New(db, "https://review.example", clock)
		s.readers.Attach(nil, []readers.Eraser{s.groups, s.plans})
		s.sells(billing.Plan{Slug: "year", Every: billing.Yearly, Prices: []billing.Money{{Amount: 9000, Currency: "EUR"}}})
		f(s)
	})
}

// sells opens the till with plans.
func (s *office) sells(plans ...billing.Plan) {
	s.t.Helper()
	var err error
	s.till, err = billing.NewTill(s.t.Context(), s.db, s.readers, s.out, []billing.Provider{s.provider}, billing.TillOptions{
		Catalog: billing.Catalog{Plans: plans}, Grace: 10 * 24 * time.Hour, Origin: "https://review.example", Name: "The Review", Language: "en",
		Now: func() time.Time { return s.now }, Goods: map[string]billing.Goods{groups.Kind: s.groups}})
	s.must(err)
}

// bought makes a group whose seats are paid for by the year, and one member.
func (s *office) bought(seats int, owner int64) (id, member int64) {
	s.t.Helper()
	ctx := s.t.Context()
	id, err := s.groups.Make(ctx, groups.Wish{Name: "Port", Seats: seats, Owner: owner, Price: 9000})
	s.must(err)
	started, err := s.till.Buy(ctx, billing.Buyer{Reader: owner}, billing.Purchase{For: groups.For(id), Name: "seats",
		Price: billing.Price{Plan: "year", Every: billing.Yearly, Amount: billing.Money{Amount: int64(seats) * 9000, Currency: "EUR"}}})
	s.must(err)
	k, err := s.provider.Pay(ctx, started.URL[strings.LastIndex(started.URL, "/")+1:])
	s.must(err)
	_, err = s.till.Return(ctx, k.Order.Paid[strings.LastIndex(k.Order.Paid, "/")+1:])
	s.must(err)
	s.must(s.groups.Invite(ctx, id, owner, "member@port.example"))
	member = s.reader("member@port.example")
	_, err = s.groups.Accept(ctx, s.invitation("member@port.example"), member)
	s.must(err)
	return id, member
}

// works lets the till work at a time.
func (s *office) works(at time.Time) {
	s.t.Helper()
	s.now = at
	_, err := s.till.Work(s.t.Context())
	s.must(err)
}

// A plan's price is that of one reader: a group does not go over to it.
func TestPriceMoveLeavesGroupsAlone(t *testing.T) {
	inOffice(t, func(s *office) {
		id, member := s.bought(3, s.reader("owner@port.example"))
		s.sells(billing.Plan{Slug: "year", Every: billing.Yearly, Prices: []billing.Money{{Amount: 9000, Currency: "EUR"}}, Closed: true, MovesTo: "year-2"},
			billing.Plan{Slug: "year-2", Every: billing.Yearly, Prices: []billing.Money{{Amount: 9900, Currency: "EUR"}}})
		renewed := morning.AddDate(1, 0, 0)
		for _, at := range []time.Time{renewed.AddDate(0, 0, -40), renewed.AddDate(0, 0, -1), renewed.Add(time.Hour)} {
			s.works(at)
		}
		if g, err := s.groups.Group(t.Context(), id); err != nil || g.Seats != 3 || !s.sits(member) {
			t.Errorf("after the price moved: %+v, %v", g, err)
		}
		list, err := s.out.List(t.Context(), 100, "owner@port.example")
		s.must(err)
		for _, m := range list {
			if m.Kind == "price-changes" {
				t.Error("the owner is told of another price")
			}
		}
	})
}

// Seats are paid for: members read on to the end of the period, and nobody is charged again.
func TestSeatsOutliveTheBuyersAccount(t *testing.T) {
	inOffice(t, func(s *office) {
		owner := s.reader("owner@port.example")
		id, member := s.bought(3, owner)
		s.must(s.readers.Delete(t.Context(), owner, "test"))
		for range 3 {
			s.works(s.now.Add(25 * time.Hour))
		}
		c, err := s.till.Bought(t.Context(), groups.For(id))
		s.must(err)
		if !s.sits(member) || !c.Record.Leaves || !c.Record.Ended.IsZero() {
			t.Errorf("after the account was deleted: %+v", c.Record)
		}
		s.works(morning.AddDate(1, 0, 0).Add(time.Hour))
		if c, err = s.till.Bought(t.Context(), groups.For(id)); err != nil || s.sits(member) || c.Record.Ended.IsZero() {
			t.Errorf("after the period: %+v, %v", c.Record, err)
		}
		if k, err := s.provider.Payment(t.Context(), c.Ref); err != nil || len(k.Lines) != 1 {
			t.Errorf("charged %+v, %v", k.Lines, err)
		}
	})
}

func TestHandingOverTakesTheContractAlong(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner, heir := s.reader("owner@port.example"), s.reader("heir@port.example")
		id, member := s.bought(3, owner)
		s.must(s.groups.HandOver(ctx, id, heir))
		c, err := s.till.Bought(ctx, groups.For(id))
		if err != nil || c.Reader != heir {
			t.Errorf("the contract is of reader %d, not %d: %v", c.Reader, heir, err)
		}
		s.must(s.readers.Delete(ctx, owner, "test"))
		s.works(morning.AddDate(1, 0, 0).Add(time.Hour))
		if g, err := s.groups.Group(ctx, id); err != nil || g.Owner != heir || !s.sits(member) {
			t.Errorf("after the year: %+v, %v", g, err)
		}
		if err := s.groups.HandOver(ctx, id+1, heir); !fault.Is(err, fault.NotFound) {
			t.Errorf("no group: %v", err)
		}
	})
}

func (s *office) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// reader makes one whose address is confirmed.
func (s *office) reader(address string) int64 {
	s.t.Helper()
	r, err := s.readers.Add(s.t.Context(), address)
	s.must(err)
	s.must(s.db.Write(s.t.Context(), func(tx *storage.DB) error {
		_, err := tx.Exec(s.t.Context(), `UPDATE readers SET confirmed = $1 WHERE id = $2`, storage.Micros(s.now), r.ID)
		return err
	}))
	return r.ID
}

func (s *office) sits(reader int64) bool {
	s.t.Helper()
	e, err := s.plans.Active(s.t.Context(), reader, s.now)
	s.must(err)
	among, err := s.plans.ActiveAmong(s.t.Context(), []int64{reader}, s.now)
	s.must(err)
	if among[reader].Grant != e.Grant {
		s.t.Errorf("reader %d: %q alone, %q among others", reader, e.Grant, among[reader].Grant)
	}
	return e.Grant == access.BySeat
}

// grant makes a group with seats for a year.
func (s *office) grant(seats int, owner int64) int64 {
	s.t.Helper()
	id, err := s.groups.Make(s.t.Context(), groups.Wish{Name: "Institute of Ports", Seats: seats, Until: s.now.AddDate(1, 0, 0), Owner: owner})
	s.must(err)
	return id
}

// invitation is the token in the newest invitation to an address.
func (s *office) invitation(to string) string {
	s.t.Helper()
	list, err := s.out.List(s.t.Context(), 1, to)
	s.must(err)
	if len(list) == 0 || list[0].Kind != "group-invitation" {
		s.t.Fatalf("%s has no invitation: %+v", to, list)
	}
	link := list[0].Links[0]
	return link[strings.LastIndex(link, "/")+1:]
}

func (s *office) slotOf(id, reader int64) int {
	s.t.Helper()
	list, err := s.groups.Seats(s.t.Context(), id)
	s.must(err)
	for _, x := range list {
		if x.Reader == reader {
			return x.Slot
		}
	}
	return 0
}

func TestInvitationsFillSeats(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner, anna, bea := s.reader("owner@port.example"), s.reader("anna@port.example"), s.reader("bea@elsewhere.example")
		id := s.grant(2, owner)
		if s.sits(owner) {
			t.Error("to own a group is to have a seat")
		}
		s.must(s.groups.Invite(ctx, id, owner, "Anna@port.example"))
		token := s.invitation("Anna@port.example")
		if err := s.groups.Invite(ctx, id, owner, "anna+1@port.example"); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same mailbox again: %v", err)
		}
		for _, guess := range []string{"", "x", token + "x", strings.ToLower(token)} {
			if _, err := s.groups.Accept(ctx, guess, bea); !fault.Is(err, fault.NotFound) {
				t.Errorf("token %q: %v", guess, err)
			}
		}
		_, err := s.groups.Accept(ctx, token, anna)
		s.must(err)
		if !s.sits(anna) {
			t.Error("who took the seat does not read")
		}
		if _, err := s.groups.Accept(ctx, token, bea); !fault.Is(err, fault.NotFound) || s.sits(bea) {
			t.Errorf("an invitation is taken up twice: %v", err)
		}
		s.must(s.groups.Invite(ctx, id, owner, "bea@elsewhere.example"))
		if err := s.groups.Invite(ctx, id, owner, "third@elsewhere.example"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a seat too many: %v", err)
		}
		s.now = s.now.Add(31 * 24 * time.Hour)
		if _, err := s.groups.Accept(ctx, s.invitation("bea@elsewhere.example"), bea); !fault.Is(err, fault.NotFound) {
			t.Errorf("an old invitation: %v", err)
		}
		for name, err := range map[string]error{
			"invite": s.groups.Invite(ctx, id, bea, "x@x.example"), "remove": s.groups.Remove(ctx, id, anna, 1),
			"move": s.groups.Move(ctx, id, bea, 1, "x@x.example"), "promote": s.groups.Promote(ctx, id, bea, 1, true),
			"domain": s.groups.SetDomain(ctx, id, bea, "elsewhere.example", true),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger may %s: %v", name, err)
			}
		}
		s.must(s.groups.Promote(ctx, id, owner, s.slotOf(id, anna), true))
		if err := s.groups.Promote(ctx, id, anna, 1, false); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager chooses managers: %v", err)
		}
		s.must(s.groups.Move(ctx, id, anna, s.slotOf(id, anna), "carl@port.example"))
		if s.sits(anna) {
			t.Error("who gave the seat away reads")
		}
		s.must(s.groups.Remove(ctx, id, owner, 1))
		if n, err := s.groups.Seats(ctx, id); err != nil || len(n) != 1 {
			t.Errorf("%+v, %v", n, err)
		}
		s.now = s.now.AddDate(1, 0, 0)
		carl := s.reader("carl@port.example")
		if _, err := s.groups.Accept(ctx, s.invitation("carl@port.example"), carl); err == nil && s.sits(carl) {
			t.Error("a seat outlives its group")
		}
	})
}

// S-07: whoever invites, a mailbox has one invitation a day. Who invites again is told, and no seat is kept that nobody
// could take.
func TestInvitationsAreNoMailBomb(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		for g := range 3 {
			id := s.grant(3, s.reader("owner@port.example"))
			for i := range 3 {
				err := s.groups.Invite(ctx, id, 0, "victim@example.org")
				if first := g == 0 && i == 0; first {
					s.must(err)
					s.must(s.groups.Remove(ctx, id, 0, 1))
				} else if !fault.Is(err, fault.TooMany) {
					t.Errorf("group %d, again: %v", g, err)
				}
			}
			if list, err := s.groups.Seats(ctx, id); err != nil || len(list) != 0 {
				t.Errorf("seats are kept for who cannot take them: %+v, %v", list, err)
			}
		}
		member := s.reader("member@port.example")
		s.must(s.groups.SetDomain(ctx, 1, 0, "port.example", true))
		s.must(s.groups.Join(ctx, 1, member))
		if err := s.groups.Move(ctx, 1, 0, s.slotOf(1, member), "victim@example.org"); !fault.Is(err, fault.TooMany) || !s.sits(member) {
			t.Errorf("a seat is moved to who cannot take it: %v", err)
		}
		if list, err := s.out.List(ctx, 100, "victim@example.org"); err != nil || len(list) != 1 {
			t.Errorf("%d mails, %v", len(list), err)
		}
		s.now = s.now.Add(24 * time.Hour)
		s.must(s.groups.Invite(ctx, 1, 0, "victim@example.org"))
		if list, err := s.out.List(ctx, 100, "victim@example.org"); err != nil || len(list) != 2 {
			t.Errorf("%d mails a day later, %v", len(list), err)
		}
	})
}

// S-07: a seat that is moved on and on writes to so many a day and no more, and names carry no links into mails.
func TestGroupsAreNoMailRelay(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner := s.reader("owner@port.example")
		id := s.grant(1, owner)
		s.must(s.groups.Invite(ctx, id, owner, "first@example.org"))
		moved, err := 0, error(nil)
		for err == nil && moved < 50 {
			if err = s.groups.Move(ctx, id, owner, 1, fmt.Sprintf("m%d@example.org", moved)); err == nil {
				moved++
			}
		}
		if !fault.Is(err, fault.TooMany) || moved != 21 {
			t.Errorf("after %d moves: %v", moved, err)
		}
		if seats, err := s.groups.Seats(ctx, id); err != nil || len(seats) != 1 || seats[0].Address != "m20@example.org" {
			t.Errorf("what was refused changed the seat: %+v, %v", seats, err)
		}
		s.now = s.now.Add(24 * time.Hour)
		s.must(s.groups.Move(ctx, id, owner, 1, "later@example.org"))
		for _, name := range []string{"Port\r\nBcc: x", "Win at https://evil.example", "a\x00b"} {
			if _, err := s.groups.Make(ctx, groups.Wish{Name: name, Seats: 1, Owner: owner, Until: s.now.Add(time.Hour)}); !fault.Is(err, fault.Invalid) {
				t.Errorf("name %q: %v", name, err)
			}
		}
		for _, domain := range []string{"gmail.com", "outlook.com", "yahoo.de", "gmx.net", "proton.me"} {
			if err := s.groups.SetDomain(ctx, id, s.reader("o@"+domain), domain, true); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s is opened to: %v", domain, err)
			}
			if err := s.groups.SetDomain(ctx, id, 0, domain, true); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s is opened to by the operator: %v", domain, err)
			}
		}
	})
}

// Exactly N, however many join at once (S-14).
func TestParallelJoining(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		id := s.grant(5, s.reader("owner@port.example"))
		s.must(s.groups.SetDomain(ctx, id, 0, "Port.example", true))
		var ids []int64
		for i := range 30 {
			ids = append(ids, s.reader(fmt.Sprintf("r%d@port.example", i%20)))
		}
		var joined atomic.Int64
		var wg sync.WaitGroup
		for i, r := range ids {
			wg.Go(func() {
				err := s.groups.Join(context.Background(), id, r)
				if i%3 == 0 {
					_ = s.groups.Invite(context.Background(), id, 0, fmt.Sprintf("i%d@port.example", i))
				}
				if err == nil {
					joined.Add(1)
				} else if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := s.groups.Seats(ctx, id)
		s.must(err)
		sit := 0
		for _, r := range ids[:20] {
			if s.sits(r) {
				sit++
			}
		}
		if len(list) != 5 || sit != int(joined.Load()) || sit > 5 {
			t.Errorf("%d seats taken, %d joined, %d read", len(list), joined.Load(), sit)
		}
	})
}

func TestJoiningByDomain(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner := s.reader("owner@port.example")
		id := s.grant(2, owner)
		member, stranger := s.reader("m@port.example"), s.reader("m@port.example.org")
		if err := s.groups.Join(ctx, id, member); !fault.Is(err, fault.NotFound) {
			t.Errorf("a group that is closed: %v", err)
		}
		if err := s.groups.SetDomain(ctx, id, owner, "gmail.com", true); !fault.Is(err, fault.Invalid) {
			t.Errorf("a domain that is not the manager's: %v", err)
		}
		for _, domain := range []string{"", "port", "a b.example", "x@port.example"} {
			if err := s.groups.SetDomain(ctx, id, 0, domain, true); !fault.Is(err, fault.Invalid) {
				t.Errorf("domain %q: %v", domain, err)
			}
		}
		s.must(s.groups.SetDomain(ctx, id, owner, "port.example", true))
		if open, err := s.groups.Open(ctx, member); err != nil || len(open) != 1 {
			t.Errorf("the member is shown %+v, %v", open, err)
		}
		if err := s.groups.Join(ctx, id, stranger); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger joins: %v", err)
		}
		unconfirmed, err := s.readers.Add(ctx, "new@port.example")
		s.must(err)
		if err := s.groups.Join(ctx, id, unconfirmed.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("an address that nobody confirmed joins: %v", err)
		}
		s.must(s.groups.Invite(ctx, id, owner, "m@port.example"))
		s.must(s.groups.Join(ctx, id, member)) // takes the seat that was kept
		if list, err := s.groups.Seats(ctx, id); err != nil || len(list) != 1 || !s.sits(member) {
			t.Errorf("%+v, %v", list, err)
		}
		s.must(s.groups.Leave(ctx, id, member))
		if s.sits(member) {
			t.Error("who left reads")
		}
		s.must(s.groups.Join(ctx, id, member))
		if !s.sits(member) {
			t.Error("who came back does not read")
		}
		s.must(s.groups.Set(ctx, id, 1, s.now.Add(time.Hour)))
		s.now = s.now.Add(2 * time.Hour)
		if s.sits(member) {
			t.Error("the new end does not hold")
		}
		s.must(s.readers.Delete(ctx, member, "test"))
		if list, err := s.groups.Seats(ctx, id); err != nil || len(list) != 0 {
			t.Errorf("a deleted account keeps its seat: %+v, %v", list, err)
		}
	})
}

func TestReportNamesNobody(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		id := s.grant(10, s.reader("owner@port.example"))
		s.must(s.groups.SetDomain(ctx, id, 0, "port.example", true))
		g, err := s.groups.Group(ctx, id)
		s.must(err)
		for i := range 6 {
			r := s.reader(fmt.Sprintf("m%d@port.example", i))
			s.must(s.groups.Join(ctx, id, r))
			if i%2 == 0 {
				s.must(s.db.Write(ctx, func(tx *storage.DB) error {
					_, err := tx.Exec(ctx, `INSERT INTO sessions (id, reader, created, seen, agent) VALUES ($1, $2, $3, $3, '')`, fmt.Sprint("s", i), r, storage.Micros(s.now))
					return err
				}))
			}
			report, err := s.groups.Report(ctx, g)
			s.must(err)
			if hidden := report.Visited == -1; hidden != (i < 4) {
				t.Errorf("with %d members the report says %+v", i+1, report)
			}
		}
		s.must(s.groups.Invite(ctx, id, 0, "waits@port.example"))
		if report, err := s.groups.Report(ctx, g); err != nil || report != (groups.Report{Seats: 10, Members: 6, Waiting: 1, Joined: 6, Visited: 3}) {
			t.Errorf("%+v, %v", report, err)
		}
	})
}
