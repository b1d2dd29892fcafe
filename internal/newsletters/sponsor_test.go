package newsletters

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/ads"
)

// sell makes a campaign for a newsletter.
func (d *desk) sell(slug, newsletter string) {
	d.t.Helper()
	_, err := d.Ads.SaveCampaign(d.t.Context(), ads.Campaign{Slug: slug, Sponsor: "Harbour Bank", Starts: monday.AddDate(0, -1, 0), Weight: 1,
		Targets: []string{"newsletter:" + newsletter}})
	must(d.t, err)
	_, err = d.Ads.AddCreative(d.t.Context(), slug, ads.Creative{URL: "https://" + slug + ".example/offer", Headline: "At anchor.",
		Text: "Money <b>never</b> sleeps.", Label: "See the terms"}, nil)
	must(d.t, err)
}

// Those who see advertising have the sponsor's in their letters, and subscribers have nothing of it: not a byte.
func TestSponsorsInLetters(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("bank", "free")
		anna, ben := d.reader("anna@example.org"), d.subscriber("ben@example.org")
		d.have(anna, "free", Choice{})
		d.have(ben, "free", Choice{})
		e := d.send(d.sampled("free"))
		marks := []string{"Harbour Bank", "At anchor", "sleeps", "See the terms", "bank.example", "Advertisement"}
		parts := unfold(t, d.letterOf(e, anna))
		for kind, part := range parts {
			for _, m := range marks {
				if m == "bank.example" {
					continue // behind the redirect that counts
				}
				if !strings.Contains(part, m) {
					t.Errorf("%s of a reader has no %q", kind, m)
				}
			}
			if strings.Contains(part, "<b>never</b>") && kind == "text/html" {
				t.Error("a sponsor's text is HTML")
			}
		}
		message := d.letterOf(e, ben)
		for kind, part := range unfold(t, message) {
			for _, m := range append(marks, "sponsor", "/ads/") {
				if strings.Contains(strings.ToLower(part), strings.ToLower(m)) {
					t.Errorf("%s of a subscriber holds %q", kind, m)
				}
			}
		}
	})
}

// An edition keeps its advertisement while it is sent and after, whatever becomes of the campaign; the one that is not
// sent yet has what runs then.
func TestAnEditionKeepsItsAdvertisement(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("bank", "free")
		anna := d.reader("anna@example.org")
		d.have(anna, "free", Choice{})
		e := d.send(d.sampled("free"))
		must(t, d.Ads.SetCampaignState(t.Context(), "bank", ads.Ended))
		d.sell("oil", "free")
		for range 2 {
			if html := unfold(t, d.letterOf(e, anna))["text/html"]; !strings.Contains(html, "Harbour Bank") {
				t.Error("the letter has another advertisement than the edition was given")
			}
			d.forget(e.ID) // as on another node
		}
		must(t, d.Ads.SetCreativeState(t.Context(), 1, ads.Ended)) // it has to go, by law perhaps
		d.forget(e.ID)
		if html := unfold(t, d.letterOf(e, anna))["text/html"]; strings.Contains(html, "Harbour Bank") {
			t.Error("a creative that was taken away is still sent")
		}
	})
}

// A click on a sponsor's link is counted for the campaign, by the letters' own rule of who is a person.
func TestClicksOnSponsors(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("bank", "free")
		anna := d.reader("anna@example.org")
		d.have(anna, "free", Choice{})
		e := d.send(d.sampled("free"))
		html := unfold(t, d.letterOf(e, anna))["text/html"]
		link := regexp.MustCompile(`/l/([^"]+)"[^>]*>See the terms`).FindStringSubmatch(html)
		if link == nil {
			t.Fatal("the sponsor's link does not go through the redirect")
		}
		d.pass(time.Hour)
		for client, machine := range map[string]bool{"anna": false, "ben": false, "scanner": true} {
			address, _, err := d.Follow(t.Context(), Click{Token: link[1], Client: ads.Client{Network: client}, Machine: machine})
			if err != nil || address != "https://bank.example/offer" {
				t.Errorf("led to %q, %v", address, err)
			}
		}
		d.pass(time.Minute)
		must(t, d.FlushClicks(t.Context(), true))
		r, err := d.Ads.Report(t.Context(), "bank")
		must(t, err)
		if places := r.Places(); len(places) != 1 || places[0] != (ads.Total{Name: "letter", Clicked: 2}) {
			t.Errorf("counted %+v, want two clicks in letters", places)
		}
	})
}
