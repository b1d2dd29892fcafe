package ads

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A desk is advertising with a clock that the test sets.
type desk struct {
	*Ads
	t   *testing.T
	db  *storage.DB
	now time.Time
}

func open(t *testing.T, db *storage.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: db, now: monday}
	disk, err := media.OpenDisk(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, disk.Close()) })
	d.Ads, err = New(t.Context(), db, Options{Frames: "https://frames.example", House: []Creative{{Text: "Read without advertisements.", URL: "/subscribe", Label: "Subscribe"}},
		Insights: insights.New(db, slog.New(slog.DiscardHandler)), Media: media.New(db, disk), Now: func() time.Time { return d.now }})
	must(t, err)
	return d
}

func run(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, open(t, db)) })
}

func once(t *testing.T) *desk {
	t.Helper()
	return open(t, storagetest.Open(t, storagetest.SQLite(t)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sell makes a campaign with one creative in words that name it.
func (d *desk) sell(slug string, change ...func(*Campaign)) Creative {
	d.t.Helper()
	c := Campaign{Slug: slug, Sponsor: "Sponsor of " + slug, Starts: monday.AddDate(0, 0, -1), Weight: 1}
	for _, f := range change {
		f(&c)
	}
	_, err := d.SaveCampaign(d.t.Context(), c)
	must(d.t, err)
	k, err := d.AddCreative(d.t.Context(), slug, Creative{URL: "https://" + slug + ".example/", Text: "Buy " + slug + ".", Label: "Here"}, nil)
	must(d.t, err)
	return k
}

func house(c *Campaign)                         { c.House, c.Sponsor = true, "" }
func limited(c *Campaign)                       { c.Cap = 2 }
func meant(targets ...string) func(c *Campaign) { return func(c *Campaign) { c.Targets = targets } }
func in(places ...string) func(c *Campaign)     { return func(c *Campaign) { c.Places = places } }

// shown are the texts in the places of a page, by place; what waits is in brackets.
func (d *desk) shown(p Page) map[string]string {
	d.t.Helper()
	slots, err := d.For(d.t.Context(), p)
	must(d.t, err)
	out := map[string]string{}
	for _, s := range slots {
		var texts []string
		for _, a := range s.Ads {
			text := a.Text
			if a.Waits {
				text = "[" + text + "]"
			}
			texts = append(texts, text)
		}
		out[s.Place.Slug] = strings.Join(texts, " ")
	}
	return out
}

func (d *desk) want(p Page, place, want string) {
	d.t.Helper()
	if have := d.shown(p)[place]; have != want {
		d.t.Errorf("%s of %s: %q, want %q", place, p.Path, have, want)
	}
}

var about = Page{Kind: ArticlePage, Path: "/articles/a", Targets: []string{"section:briefings", "topic:energy", "country:mali"}}

func TestPlacesWithoutCampaigns(t *testing.T) {
	d := once(t)
	if have := d.shown(about); len(have) != 1 || have["foot"] != "Read without advertisements." {
		t.Errorf("nothing was sold, and shown is %q", have)
	}
	d.House = nil
	if have := d.shown(about); len(have) != 0 {
		t.Errorf("nothing is there, and shown is %q", have)
	}
}

func TestTargets(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("oil", meant("topic:energy"), in("top"))
		d.sell("wine", meant("country:mali", "section:columns"), in("side"))
		d.sell("front-only", meant("front"), in("foot"))
		elsewhere := Page{Kind: ArticlePage, Path: "/articles/b", Targets: []string{"section:columns", "topic:energy-policy"}}
		d.want(about, "top", "Buy oil.")
		d.want(about, "side", "Buy wine.")
		d.want(about, "foot", "Read without advertisements.")
		d.want(elsewhere, "top", "")
		d.want(elsewhere, "side", "Buy wine.")
		d.want(Page{Kind: FrontPage, Path: "/", Targets: []string{"front"}}, "foot", "Buy front-only.")
		d.want(Page{Kind: ListingPage, Path: "/topics/energy", Targets: []string{"topic:energy"}}, "top", "Buy oil.")
	})
}

// What runs is known to the moment, and told by NextChange; what was paused, ended or taken away is not shown.
func TestDatesAndStates(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		k := d.sell("oil", in("top"), func(c *Campaign) { c.Starts, c.Ends = monday.Add(time.Hour), monday.Add(2*time.Hour) })
		next := func(want time.Time) {
			t.Helper()
			if have, err := d.NextChange(ctx); err != nil || !have.Equal(want) {
				t.Errorf("next change at %v, %v; want %v", have, err, want)
			}
		}
		d.want(about, "top", "")
		next(monday.Add(time.Hour))
		d.now = monday.Add(time.Hour)
		d.want(about, "top", "Buy oil.")
		next(monday.Add(2 * time.Hour))
		set := []struct {
			name string
			f    func(to State) error
		}{
			{"campaign", func(to State) error { return d.SetCampaignState(ctx, "oil", to) }},
			{"creative", func(to State) error { return d.SetCreativeState(ctx, k.ID, to) }},
			{"place", func(to State) error { return d.SetPlaceState(ctx, "top", to) }},
		}
		for _, s := range set {
			must(t, s.f(Paused))
			d.want(about, "top", "")
			must(t, s.f(Running))
			d.want(about, "top", "Buy oil.")
		}
		d.now = monday.Add(2*time.Hour - time.Microsecond)
		d.want(about, "top", "Buy oil.")
		d.now = monday.Add(2 * time.Hour)
		d.want(about, "top", "")
		next(time.Time{})
		for _, s := range set {
			must(t, s.f(Ended))
			if err := s.f(Running); !fault.Is(err, fault.NotFound) {
				t.Errorf("a %s that has ended runs again: %v", s.name, err)
			}
		}
	})
}

// Another node that keeps what it read shows a change once it is told of it.
func TestForget(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		other := open(t, d.db)
		other.want(about, "top", "")
		before := len(storagetest.Log(t, d.db))
		d.sell("oil", in("top"))
		changes := storagetest.Log(t, d.db)[before:]
		if !slices.ContainsFunc(changes, func(c storage.Change) bool { return c.Kind == ChangeKind }) {
			t.Errorf("the change log says %v", changes)
		}
		other.want(about, "top", "")
		other.Forget()
		other.want(about, "top", "Buy oil.")
	})
}

// A cap is held by the browser: what has one waits for the script, and the house stands where nothing else may.
func TestCaps(t *testing.T) {
	d := once(t)
	d.sell("oil", in("foot"), limited)
	d.want(about, "foot", "Read without advertisements. [Buy oil.]")
	d.sell("ours", house)
	d.want(about, "foot", "Buy ours. [Buy oil.]")
	d.sell("wine", in("foot"))
	d.want(about, "foot", "Buy wine. [Buy oil.]")
	d.want(about, "side", "Buy ours.")
	must(t, d.SetCampaignState(t.Context(), "ours", Ended))
	must(t, d.SetCampaignState(t.Context(), "wine", Ended))
	d.sell("rum", in("top"), limited)
	d.want(about, "top", "[Buy rum.]")
}

// Over many pages a campaign of three times the weight comes first three times as often, and a page is the same all day.
func TestWeights(t *testing.T) {
	d := once(t)
	d.sell("one", in("top"))
	d.sell("three", in("top"), func(c *Campaign) { c.Weight = 3 })
	first := map[string]float64{}
	const pages = 4000
	for n := range pages {
		p := Page{Kind: ArticlePage, Path: fmt.Sprint("/articles/", n)}
		slots, err := d.For(t.Context(), p)
		must(t, err)
		first[slots[slices.IndexFunc(slots, func(s Slot) bool { return s.Place.Slug == "top" })].Ads[0].Text]++
		if n < 20 {
			before := d.shown(p)["top"]
			d.now = monday.Add(11 * time.Hour)
			d.want(p, "top", before)
			d.now = monday
		}
	}
	if share := first["Buy three."] / pages; math.Abs(share-.75) > .03 {
		t.Errorf("three of four were to be first, and %.3f were", share)
	}
}

// A page has one campaign in one place as long as there are others.
func TestPlacesShareCampaigns(t *testing.T) {
	d := once(t)
	for _, slug := range []string{"a", "b", "c", "d"} {
		d.sell(slug)
	}
	slots, err := d.For(t.Context(), about)
	must(t, err)
	shown := map[string]bool{}
	for _, s := range slots {
		shown[s.Ads[0].Text] = true
	}
	if len(slots) != 4 || len(shown) != 4 {
		t.Errorf("four places show %v", shown)
	}
}

// gigantic is the beginning of a PNG that says it has this size: whoever decodes it is lost.
func gigantic(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = append(binary.BigEndian.AppendUint32(chunk, h), 8, 2, 0, 0, 0)
	b = append(binary.BigEndian.AppendUint32(b, 13), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))))
	return b.Bytes()
}

func TestCreativesAreRefused(t *testing.T) {
	d := once(t)
	d.sell("oil", in("top"))
	good := Creative{URL: "https://oil.example/", Text: "Oil.", Label: "Here"}
	change := func(f func(*Creative)) Creative { c := good; f(&c); return c }
	address := func(s string) Creative { return change(func(c *Creative) { c.URL = s }) }
	shown := Creative{URL: good.URL, Alt: "Oil"}
	for _, c := range []struct {
		name    string
		k       Creative
		picture []byte
		field   string
	}{
		{"script", address("javascript:alert(1)"), nil, "url"},
		{"data", address("data:text/html,x"), nil, "url"},
		{"no scheme", address("//evil.example/"), nil, "url"},
		{"backslash", address(`/\evil.example`), nil, "url"},
		{"password", address("https://oil.example@evil.example/"), nil, "url"},
		{"line break", address("https://oil.example/\r\nSet-Cookie: a=b"), nil, "url"},
		{"no host", address("https:///x"), nil, "url"},
		{"nothing", address(""), nil, "url"},
		{"too long", change(func(c *Creative) { c.Text = strings.Repeat("x", mostText+1) }), nil, "text"},
		{"two lines", change(func(c *Creative) { c.Headline = "a\nb" }), nil, "headline"},
		{"no label", change(func(c *Creative) { c.Label = " " }), nil, "label"},
		{"no picture to describe", change(func(c *Creative) { c.Alt = "x" }), nil, "alt"},
		{"picture and words", good, picture(t, 800, 200), "picture"},
		{"picture without alt", Creative{URL: good.URL}, picture(t, 800, 200), "alt"},
		{"another shape", shown, picture(t, 600, 500), "picture"},
		{"HTML for a picture", shown, []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "picture"},
		{"a bomb", shown, gigantic(40_000, 10_000), "picture"},
		{"a wide bomb", shown, gigantic(29_000, 7250), "picture"},
	} {
		var err error
		if c.picture != nil {
			_, err = d.AddCreative(t.Context(), "oil", c.k, bytes.NewReader(c.picture))
		} else {
			_, err = d.AddCreative(t.Context(), "oil", c.k, nil)
		}
		if f := (*fault.Error)(nil); !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != c.field {
			t.Errorf("%s: %v, want the field %s refused", c.name, err, c.field)
		}
	}
	if _, err := d.AddCreative(t.Context(), "oil", good, nil); err != nil {
		t.Errorf("a good one: %v", err)
	}
	must(t, d.SetCampaignState(t.Context(), "oil", Ended))
	if _, err := d.AddCreative(t.Context(), "oil", good, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("of a campaign that has ended: %v", err)
	}
}

// A picture is kept as it was encoded anew: what else the upload held is gone.
func TestPicturesAreEncodedAnew(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("oil", in("top"))
		var b bytes.Buffer
		must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1456, 364)), nil))
		upload := append(b.Bytes(), "<script>alert(1)</script>"...)
		k, err := d.AddCreative(t.Context(), "oil", Creative{URL: "https://oil.example/", Alt: "Oil, poured"}, bytes.NewReader(upload))
		must(t, err)
		f, err := d.Media.Open(t.Context(), k.Picture.Name, k.Picture.Width)
		must(t, err)
		defer f.Close()
		var kept bytes.Buffer
		_, err = kept.ReadFrom(f)
		must(t, err)
		if bytes.Contains(kept.Bytes(), []byte("script")) || k.Picture.Width != 1456 {
			t.Errorf("kept %d bytes of a picture of %d pixels", kept.Len(), k.Picture.Width)
		}
		all, err := d.Creatives(t.Context(), k.Campaign)
		must(t, err)
		if last := all[len(all)-1]; last.Picture == nil || *last.Picture != *k.Picture || last.Alt != "Oil, poured" {
			t.Errorf("read %+v", last)
		}
	})
}

func TestCampaignsAreRefused(t *testing.T) {
	d := once(t)
	good := Campaign{Slug: "oil", Sponsor: "Oil", Starts: monday, Weight: 1}
	for _, c := range []struct {
		field  string
		change func(*Campaign)
	}{
		{"campaign", func(c *Campaign) { c.Slug = "Oil!" }}, {"sponsor", func(c *Campaign) { c.Sponsor = "" }},
		{"weight", func(c *Campaign) { c.Weight = 0 }}, {"cap", func(c *Campaign) { c.Cap = -1 }},
		{"until", func(c *Campaign) { c.Ends = monday }}, {"target", meant("tag:oil")}, {"target", meant("topic:a b")},
		{"place", in("nowhere")},
	} {
		one := good
		c.change(&one)
		_, err := d.SaveCampaign(t.Context(), one)
		if f := (*fault.Error)(nil); !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != c.field {
			t.Errorf("%+v: %v, want the field %s refused", one, err, c.field)
		}
	}
	_, err := d.SaveCampaign(t.Context(), good)
	must(t, err)
	if _, err := d.SaveCampaign(t.Context(), good); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice of one name: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, p := range []Place{{Slug: "x", Position: "middle", Format: Box}, {Slug: "x", Position: Top, Format: "round"}, {Slug: "X", Position: Top, Format: Box},
			{Slug: "x", Position: InArticle, Format: Box}, {Slug: "x", Position: Top, Format: Box, Paragraph: 3},
			{Slug: "x", Position: Top, Format: Box, Pages: []Kind{"search"}}} {
			if err := d.AddPlace(ctx, p); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", p, err)
			}
		}
		must(t, d.AddPlace(ctx, Place{Slug: "late", Position: InArticle, Paragraph: 12, Format: Box}))
		if err := d.AddPlace(ctx, Place{Slug: "late", Position: Top, Format: Box}); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice of one name: %v", err)
		}
		d.sell("oil", in("late"))
		d.want(about, "late", "Buy oil.")
		d.want(Page{Kind: FrontPage, Path: "/"}, "late", "")
	})
}

// anna is who looks, as far as is told.
var anna = Client{"192.0.2.0/24", "one"}

// counted are the sums of a campaign.
func (d *desk) counted(slug string) Total {
	d.t.Helper()
	must(d.t, d.Insights.Flush(context.Background()))
	r, err := d.Report(d.t.Context(), slug)
	must(d.t, err)
	return r.Total()
}

func (d *desk) ticketOf(place string) string {
	d.t.Helper()
	slots, err := d.For(d.t.Context(), about)
	must(d.t, err)
	for _, s := range slots {
		if s.Place.Slug == place {
			return s.Ads[0].Ticket
		}
	}
	d.t.Fatalf("nothing in %s", place)
	return ""
}

func TestCounting(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.sell("oil", in("top"))
		ticket := d.ticketOf("top")
		d.Seen(ticket, anna)
		d.Seen(ticket, Client{"192.0.2.0/24", "another"})
		for _, person := range []bool{true, false} {
			if address, err := d.Follow(ctx, ticket, anna, person); err != nil || address != "https://oil.example/" {
				t.Errorf("led to %q, %v", address, err)
			}
		}
		if have := d.counted("oil"); have.Seen != 2 || have.Clicked != 1 || have.Rate() != "50.0" {
			t.Errorf("counted %+v, want 2 and 1", have)
		}
		d.Seen(ticket, Client{"198.51.100.0/24", "one"})
		if have := d.counted("oil"); have.Seen != 3 {
			t.Errorf("counted %+v, want 3 views", have)
		}
	})
}

// Who repeats a request is counted as often as people behind one network might be, and no more.
func TestReplay(t *testing.T) {
	d := once(t)
	d.sell("oil", in("top"))
	ticket := d.ticketOf("top")
	repeat := func(client func(n int) Client) {
		for n := range 500 {
			d.Seen(ticket, client(n))
			_, err := d.Follow(t.Context(), ticket, client(n), true)
			must(t, err)
		}
	}
	repeat(func(int) Client { return anna })
	if have := d.counted("oil"); have.Seen != viewsAnHour || have.Clicked != clicksAnHour {
		t.Errorf("500 repetitions are counted as %+v", have)
	}
	repeat(func(n int) Client { return Client{anna.Network, fmt.Sprint("Firefox/", n)} }) // a program says what it likes
	if have := d.counted("oil"); have.Seen != programsMost*viewsAnHour || have.Clicked != programsMost*clicksAnHour {
		t.Errorf("500 repetitions under other names are counted as %+v", have)
	}
}

// Only what a page showed is counted and followed, and counted only on that day and the next.
func TestForgedTickets(t *testing.T) {
	d := once(t)
	k := d.sell("oil", in("top"))
	ticket := d.ticketOf("top")
	parts := strings.Split(ticket, ".")
	other := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	forged := []string{"", ".", "...", ticket + "x", ticket[:len(ticket)-1], strings.ToUpper(ticket), parts[0], strings.Repeat("a", 5000),
		strings.Join([]string{"2", parts[1], parts[2], parts[3]}, "."), strings.Join([]string{parts[0], "foot", parts[2], parts[3]}, "."),
		strings.Join([]string{parts[0], parts[1], "zzz", parts[3]}, "."), other.ticket(k.ID, "top", monday), d.ticket(k.ID+99, "top", monday)}
	for _, f := range forged {
		d.Seen(f, anna)
		if address, err := d.Follow(t.Context(), f, anna, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q leads to %q, %v", f, address, err)
		}
	}
	d.now = monday.AddDate(0, 0, ticketDays)
	d.Seen(ticket, anna)
	if address, err := d.Follow(t.Context(), ticket, anna, true); err != nil || address != "https://oil.example/" {
		t.Errorf("an old link leads to %q, %v", address, err)
	}
	if have := d.counted("oil"); have.Seen+have.Clicked != 0 {
		t.Errorf("counted %+v", have)
	}
	must(t, d.SetCreativeState(t.Context(), k.ID, Ended))
	if address, err := d.Follow(t.Context(), ticket, anna, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("a creative that was taken away leads to %q, %v", address, err)
	}
}

func TestReports(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		k := d.sell("oil", in("top"))
		_, err := d.AddCreative(ctx, "oil", Creative{URL: "https://oil.example/2", Headline: "=cmd|' /C calc'!A0", Text: `"Two", said he.`, Label: "Here"}, nil)
		must(t, err)
		must(t, d.db.Write(ctx, func(tx *storage.DB) error {
			for _, c := range []insights.AdCount{{Creative: k.ID, Day: "2026-11-23", Place: "top", Seen: 10, Clicked: 1},
				{Creative: k.ID, Day: "2026-11-22", Place: "top", Seen: 5}, {Creative: k.ID + 1, Day: "2026-11-23", Place: "letter", Clicked: 2}} {
				if err := insights.AddAds(ctx, tx, c); err != nil {
					return err
				}
			}
			return nil
		}))
		first, err := d.OpenReport(ctx, "oil")
		must(t, err)
		second, err := d.OpenReport(ctx, "oil")
		must(t, err)
		for _, token := range []string{first, "", hashOf(second), strings.ToUpper(second)} {
			if _, err := d.ReportBehind(ctx, token); !fault.Is(err, fault.NotFound) {
				t.Errorf("the token %q opens a report: %v", token, err)
			}
		}
		r, err := d.ReportBehind(ctx, second)
		must(t, err)
		if all := r.Total(); all.Seen != 15 || all.Clicked != 3 || len(r.Days()) != 2 || len(r.Places()) != 2 || len(r.ByCreative()) != 2 {
			t.Errorf("the report says %+v", r)
		}
		var b strings.Builder
		must(t, r.WriteCSV(&b))
		want := "day,place,creative,in view,clicks\r\n2026-11-22,top,1 Buy oil.,5,0\r\n2026-11-23,letter,2 =cmd|' /C calc'!A0,0,2\r\n2026-11-23,top,1 Buy oil.,10,1\r\n"
		if b.String() != want {
			t.Errorf("the table is\n%s", b.String())
		}
		must(t, d.CloseReport(ctx, "oil"))
		if _, err := d.ReportBehind(ctx, second); !fault.Is(err, fault.NotFound) {
			t.Errorf("a report that was closed: %v", err)
		}
	})
}

// A letter has what was sold for it, else the house's, and nothing that a cap is to be held for.
func TestForLetter(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		text := func(newsletter string) string {
			t.Helper()
			ad, ok, err := d.ForLetter(t.Context(), newsletter, 7)
			must(t, err)
			if !ok {
				return ""
			}
			return ad.Text
		}
		want := func(newsletter, want string) {
			t.Helper()
			if have := text(newsletter); have != want {
				t.Errorf("%s has %q, want %q", newsletter, have, want)
			}
		}
		want("free", "Read without advertisements.")
		d.sell("capped", limited)
		d.sell("pages", meant("front"))
		want("free", "Read without advertisements.")
		d.sell("ours", house, in("letter"))
		want("free", "Buy ours.")
		k := d.sell("oil", meant("newsletter:weekly"))
		want("free", "Buy ours.")
		want("weekly", "Buy oil.")
		must(t, d.SetCampaignState(t.Context(), "oil", Ended))
		if ad, ok, err := d.InLetter(t.Context(), 7, k.ID); err != nil || !ok || ad.Text != "Buy oil." || ad.Sponsor != "Sponsor of oil" {
			t.Errorf("a letter that has it shows %+v, %v, %v", ad, ok, err)
		}
	})
}
