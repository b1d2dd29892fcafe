package access

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyFacts draws facts, among them such as no gate would load: the rule stands on its own.
func anyFacts(t *rapid.T) Facts {
	levels := []Level{Open, Registered, Metered, Subscriber, "", "Open", "free"}
	grants := []Grant{None, BySubscription, BySeat, ByInstitution}
	return Facts{
		Article:  Article{ID: rapid.Int64().Draw(t, "article"), Level: rapid.SampledFrom(levels).Draw(t, "level as filed")},
		Level:    rapid.SampledFrom(levels).Draw(t, "level"),
		Standing: Standing(rapid.IntRange(int(Visitor), int(Newsroom)).Draw(t, "standing")),
		Plan:     rapid.SampledFrom(grants).Draw(t, "plan"),
		Unlocked: rapid.Bool().Draw(t, "unlocked"),
		Used:     rapid.IntRange(-1, 5).Draw(t, "used"),
		Free:     rapid.IntRange(0, 5).Draw(t, "free"),
		Courtesy: rapid.Bool().Draw(t, "courtesy"),
		Gift:     rapid.Bool().Draw(t, "gift"),
		TooFast:  rapid.Bool().Draw(t, "too fast"),
	}
}

func property(t *testing.T, holds func(t *rapid.T, f Facts, d Decision)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		holds(t, f, Decide(f))
	})
}

func TestFullHasAGrantAndATeaserHasAWall(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, d Decision) {
		if d.Full() != (d.Grant != None) || d.Full() != (d.Wall == NoWall) {
			t.Fatalf("full %v under grant %q before wall %s", d.Full(), d.Grant, d.Wall)
		}
	})
}

func TestAnonymousReadsNoSubscriberTextWithoutAGift(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, _ Decision) {
		f.Standing, f.Level, f.Gift = Visitor, Subscriber, false
		if d := Decide(f); d.Full() {
			t.Fatalf("full, by %q", d.Grant)
		}
	})
}

func TestMoreStandingNeverSeesLess(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, _ Decision) {
		f.TooFast = false // a subscription read by a machine is the one exception
		if f.Plan == None {
			f.Plan = BySubscription
		}
		saw := false
		for s := Visitor; s <= Newsroom; s++ {
			f.Standing = s
			sees := Decide(f).Full()
			if saw && !sees {
				t.Fatalf("%s sees less than the standing before it", s)
			}
			saw = sees
		}
	})
}

func TestWhoPaysSeesNoAdvertising(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, d Decision) {
		if d.Ads != (f.Standing < Paid) {
			t.Fatalf("ads %v for %s", d.Ads, f.Standing)
		}
	})
}

func TestLevelIsOverriddenByThePolicyAlone(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, d Decision) {
		filed := f
		filed.Article = Article{ID: f.Article.ID, Level: Open, Section: "briefings", Kind: "column", Published: time.Unix(1, 0)}
		if other := Decide(filed); other != d {
			t.Fatalf("the level as filed turned %+v into %+v", d, other)
		}
	})
}

func TestUnknownLevelIsClosed(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, _ Decision) {
		f.Level, f.Standing = Level(rapid.StringMatching(`[a-zA-Z ]{0,9}`).Draw(t, "word")), Standing(rapid.IntRange(0, 1).Draw(t, "who"))
		if _, err := ParseLevel(string(f.Level)); err == nil {
			return
		}
		if d := Decide(f); d.Full() {
			t.Fatalf("level %q is full for %s, by %q", f.Level, f.Standing, d.Grant)
		}
	})
}

func TestLeftIsBetweenNoneAndFree(t *testing.T) {
	property(t, func(t *rapid.T, f Facts, d Decision) {
		f.Used = max(f.Used, 0)
		if d = Decide(f); d.Left < 0 || d.Left > d.Free {
			t.Fatalf("%d left of %d", d.Left, d.Free)
		}
		if d.Wall == ReadThisOne && d.Left == 0 {
			t.Fatal("offers a free article that is not there")
		}
	})
}

func TestZeroDecisionWithholds(t *testing.T) {
	var d Decision
	if d.Full() || d.Grant != None || d.Ads {
		t.Errorf("%+v", d)
	}
	if d := Decide(Facts{}); d.Full() {
		t.Errorf("no facts: %+v", d)
	}
}
