package groups_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/groups"
)

func TestSeatsAreBoughtOnOneContract(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner := s.reader("owner@port.example")
		id, err := s.groups.Make(ctx, groups.Wish{Name: "Port", Seats: 3, Owner: owner, Price: 9000})
		s.must(err)
		started, err := s.till.Buy(ctx, billing.Buyer{Reader: owner}, billing.Purchase{For: groups.For(id), Name: "3 seats",
			Price: billing.Price{Plan: "year", Every: billing.Yearly, Amount: billing.Money{Amount: 27000, Currency: "EUR"}}})
		s.must(err)
		if err := s.groups.Invite(ctx, id, owner, "anna@port.example"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a seat before it is paid: %v", err)
		}
		ref := started.URL[strings.LastIndex(started.URL, "/")+1:]
		k, err := s.provider.Pay(ctx, ref)
		s.must(err)
		_, err = s.till.Return(ctx, k.Order.Paid[strings.LastIndex(k.Order.Paid, "/")+1:])
		s.must(err)
		var members []int64
		for i := range 3 {
			address := fmt.Sprintf("m%d@port.example", i)
			s.must(s.groups.Invite(ctx, id, owner, address))
			members = append(members, s.reader(address))
			_, err := s.groups.Accept(ctx, s.invitation(address), members[i])
			s.must(err)
			s.now = s.now.Add(time.Minute)
		}
		report, err := s.plans.Report(ctx, morning.AddDate(0, -1, 0), s.now)
		s.must(err)
		if len(report.Money) != 1 || report.Money[0].Charged.Amount != 27000 {
			t.Errorf("one charge for all: %+v", report.Money)
		}
		c, err := s.till.Bought(ctx, groups.For(id))
		s.must(err)
		s.must(s.provider.Switch(ctx, ref, billing.Price{Plan: "year", Every: billing.Yearly, Amount: billing.Money{Amount: 18000, Currency: "EUR"}}, billing.AtOnce))
		s.must(s.till.Sync(ctx, c.Source, ref))
		if !s.sits(members[0]) || !s.sits(members[1]) || s.sits(members[2]) {
			t.Error("of three on two seats the newest loses theirs")
		}
		s.now = s.now.AddDate(2, 0, 0) // renewed, as it was paid
		_, err = s.till.Work(ctx)
		s.must(err)
		if !s.sits(members[0]) {
			t.Error("a renewal does not move the end")
		}
		c, err = s.till.Bought(ctx, groups.For(id))
		s.must(err)
		s.must(s.till.Undo(ctx, c))
		if s.sits(members[0]) {
			t.Error("seats outlive their contract")
		}
		if mine, err := s.till.Contract(ctx, owner); err != nil || mine.ID != 0 {
			t.Errorf("the group's contract stands for the owner's own: %+v, %v", mine, err)
		}
	})
}

// Where seats become fewer, invitations go before members, and those too old to be taken up before all.
func TestFewerSeatsFreeInvitationsFirst(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner := s.reader("owner@port.example")
		id, member := s.bought(5, owner)
		s.must(s.groups.Invite(ctx, id, owner, "late@port.example"))
		s.now = s.now.Add(31 * 24 * time.Hour)
		s.must(s.groups.Invite(ctx, id, owner, "waits@port.example"))
		s.must(s.groups.SetDomain(ctx, id, owner, "port.example", true))
		s.now = s.now.Add(time.Hour)
		second := s.reader("second@port.example")
		s.must(s.groups.Join(ctx, id, second))
		c, err := s.till.Bought(ctx, groups.For(id))
		s.must(err)
		for _, x := range []struct {
			seats int64
			want  string
		}{{3, "member second waits"}, {2, "member second"}, {1, "member"}} {
			s.must(s.provider.Switch(ctx, c.Ref, billing.Price{Plan: "year", Every: billing.Yearly, Amount: billing.Money{Amount: 9000 * x.seats, Currency: "EUR"}}, billing.AtOnce))
			s.must(s.till.Sync(ctx, c.Source, c.Ref))
			list, err := s.groups.Seats(ctx, id)
			s.must(err)
			var have []string
			for _, seat := range list {
				name, _, _ := strings.Cut(seat.Address, "@")
				have = append(have, name)
			}
			slices.Sort(have)
			if got := strings.Join(have, " "); got != x.want {
				t.Errorf("%d seats are of %s, not %s", x.seats, got, x.want)
			}
		}
		if !s.sits(member) || s.sits(second) {
			t.Error("of two members the newest loses the seat")
		}
	})
}

func TestUnpaidGroupsAreClearedAway(t *testing.T) {
	inOffice(t, func(s *office) {
		ctx := t.Context()
		owner := s.reader("owner@port.example")
		unpaid, err := s.groups.Make(ctx, groups.Wish{Name: "Unpaid", Seats: 3, Owner: owner, Price: 9000})
		s.must(err)
		s.must(s.groups.SetDomain(ctx, unpaid, owner, "port.example", true))
		paid, _ := s.bought(2, owner)
		granted := s.grant(2, owner)
		s.now = s.now.Add(29 * 24 * time.Hour)
		s.must(s.groups.Cleanup(ctx))
		_, err = s.groups.Group(ctx, unpaid)
		s.must(err)
		s.now = s.now.Add(2 * 24 * time.Hour)
		s.must(s.groups.Cleanup(ctx))
		if _, err := s.groups.Group(ctx, unpaid); !fault.Is(err, fault.NotFound) {
			t.Errorf("a group that nobody paid for is there: %v", err)
		}
		if list, err := s.groups.Domains(ctx, unpaid); err != nil || len(list) != 0 {
			t.Errorf("its domains: %v, %v", list, err)
		}
		for _, id := range []int64{paid, granted} {
			_, err := s.groups.Group(ctx, id)
			s.must(err)
		}
	})
}
