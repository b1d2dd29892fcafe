package bounces

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

func TestByHand(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		if err := k.Suppress(ctx, "R1@example.org", Letters, "asked by phone", "desk"); err != nil {
			t.Fatal(err)
		}
		if err := k.Suppress(ctx, "r1+x@example.org", Letters, "again", "desk"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same again: %v", err)
		}
		if err := k.Suppress(ctx, "r1@example.org", All, "by a lawyer", "desk"); err != nil || k.suppressed("r1@example.org") != "all" {
			t.Errorf("wider: %v", err)
		}
		if err := k.Suppress(ctx, "r1@example.org", Letters, "narrower", "desk"); !fault.Is(err, fault.Conflict) {
			t.Errorf("narrower: %v", err)
		}
		if err := k.Suppress(ctx, "nobody", All, "", "desk"); !fault.Is(err, fault.Invalid) {
			t.Errorf("no address: %v", err)
		}
		s, err := k.Bounces.Find(ctx, "r1@EXAMPLE.org")
		if err != nil || s.Reason != "by a lawyer" || s.Source != "operator" || !s.At.Equal(k.clock) {
			t.Errorf("%+v, %v", s, err)
		}
		if err := k.Lift(ctx, "r1@example.org", "desk"); err != nil || k.suppressed("r1@example.org") != "" {
			t.Errorf("lift: %v", err)
		}
		if err := k.Lift(ctx, "r1@example.org", "desk"); !fault.Is(err, fault.NotFound) {
			t.Errorf("lift again: %v", err)
		}
		if got := strings.Join(k.deeds, ","); got != "desk suppress,desk suppress,desk lift suppression" {
			t.Error(got)
		}
	})
}

// What failed before a mailbox was let in again counts no more.
func TestLiftBeginsAnew(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		fail := func(i int) bool {
			k.wait(4 * 24 * time.Hour)
			return k.take(Event{Source: "ses", ID: fmt.Sprint(i), Token: "t1", Record: full}).Suppressed
		}
		for i := range 5 {
			if fail(i) != (i == 4) {
				t.Fatalf("failure %d", i)
			}
		}
		k.wait(time.Minute)
		if err := k.Lift(t.Context(), "r1@example.org", "desk"); err != nil {
			t.Fatal(err)
		}
		if fail(5) || k.suppressed("r1@example.org") != "" {
			t.Error("the old failures count")
		}
	})
}

func TestList(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for i := range 5 {
			k.wait(time.Minute)
			k.take(Event{Source: "ses", ID: fmt.Sprint(i), Token: fmt.Sprintf("t%d", i+1), Record: unknown})
		}
		first, err := k.List(t.Context(), Suppression{}, 3)
		if err != nil || len(first) != 3 || first[0].Address != "r5@example.org" || first[0].Evidence != "550 5.1.1 no such user" {
			t.Fatalf("%+v, %v", first, err)
		}
		rest, err := k.List(t.Context(), first[2], 3)
		if err != nil || len(rest) != 2 || rest[1].Address != "r1@example.org" {
			t.Errorf("%+v, %v", rest, err)
		}
	})
}

// Of lines of one moment, a page that ends among them loses none and shows none twice.
func TestListOfOneMoment(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for i := range 7 {
			if err := k.Suppress(t.Context(), fmt.Sprintf("r%d@example.org", i), Letters, "", "desk"); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]int{}
		for last := (Suppression{}); ; {
			page, err := k.List(t.Context(), last, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page {
				seen[s.Address]++
			}
			if len(page) < 2 {
				break
			}
			last = page[1]
		}
		for address, n := range seen {
			if n != 1 {
				t.Errorf("%s is listed %d times", address, n)
			}
		}
		if len(seen) != 7 {
			t.Errorf("%d of 7 are listed", len(seen))
		}
	})
}

func TestAmongMany(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		var keys []string
		for i := range 1203 {
			keys = append(keys, fmt.Sprintf("x%d@example.net", i))
		}
		for _, i := range []int{0, 499, 500, 777, 1202} {
			if err := k.Suppress(t.Context(), keys[i], Letters, "", "desk"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := k.SuppressedAmong(t.Context(), keys)
		if err != nil || len(got) != 5 || !got[keys[0]] || !got[keys[499]] || !got[keys[1202]] {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := k.SuppressedAmong(t.Context(), nil); err != nil || len(got) != 0 {
			t.Errorf("of nobody: %v, %v", got, err)
		}
	})
}

// Deleted, a reader leaves no address and no evidence, and the mailbox gets no mail all the same.
func TestEraseAndExport(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := Event{Source: "ses", ID: "1", Token: "t1", Record: unknown}
		k.take(e)
		name, part, err := k.ExportReader(ctx, 1)
		text, _ := json.Marshal(part)
		if err != nil || name != "bounces" || !strings.Contains(string(text), `"reason":"user unknown"`) || !strings.Contains(string(text), `"said":"550 5.1.1 no such user"`) {
			t.Errorf("%s %s, %v", name, text, err)
		}
		if _, part, err = k.ExportReader(ctx, 2); err != nil || part.(Export).Suppressed != nil || part.(Export).Bounces == nil {
			t.Errorf("of one without: %+v, %v", part, err)
		}
		if err := k.db.Write(ctx, func(tx *storage.DB) error { return k.EraseReader(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		var left string
		err = k.db.QueryRow(ctx, `SELECT address || evidence FROM suppressions`).Scan(&left)
		var kept int
		err2 := k.db.QueryRow(ctx, `SELECT COUNT(*) FROM bounces WHERE said <> '' OR mailbox <> '' OR reader <> 0 OR mailing <> 0`).Scan(&kept)
		if left != "" || kept != 0 || err != nil || err2 != nil {
			t.Errorf("left %q, %d rows, %v, %v", left, kept, err, err2)
		}
		if k.suppressed("r1@example.org") != "all" {
			t.Error("the mailbox gets mail again")
		}
		if o := k.take(e); !o.Repeated {
			t.Error("the event counts again")
		}
		if l, err := k.List(ctx, Suppression{}, 5); err != nil || len(l) != 1 || l[0].Address != "" || l[0].Reason != "user unknown" {
			t.Errorf("%+v, %v", l, err)
		}
	})
}
