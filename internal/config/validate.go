package config

import (
	"cmp"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
)

// Validate checks every value and the rules between them. The error joins a
// *Problem for each that is wrong.
func (c Config) Validate() error {
	problems := c.problems()
	if len(problems) == 0 {
		return nil
	}
	return joinProblems(problems)
}

func (c Config) problems() []*Problem {
	var found []*Problem
	root := reflect.ValueOf(c)
	for _, s := range sections {
		for _, f := range s.fields {
			if f.kind == rules {
				found = append(found, f.problemsOf(root.FieldByIndex(f.index))...)
				continue
			}
			if reason := f.verify(root); reason != "" {
				found = append(found, &Problem{Key: f.key, Reason: reason})
			}
		}
	}
	return append(found, c.conflicts()...)
}

// problemsOf checks the tables of a field.
func (f *field) problemsOf(tables reflect.Value) (found []*Problem) {
	for i := range tables.Len() {
		key := tableKey(f, i)
		for _, part := range f.element {
			if reason := part.verify(tables.Index(i)); reason != "" {
				found = append(found, &Problem{Key: key + "." + part.key, Reason: reason})
			}
		}
		r, ok := tables.Index(i).Interface().(Rule)
		if ok && r.Section == "" && r.Kind == "" && r.OlderThanDays == 0 {
			found = append(found, &Problem{Key: key, Reason: "expected section, kind or older_than_days; " +
				"a level for all articles is wall.default_level"})
		}
	}
	return found
}

// conflicts are the rules between keys.
func (c Config) conflicts() []*Problem {
	var found []*Problem
	refuse := func(key, reason string) { found = append(found, &Problem{Key: key, Reason: reason}) }
	if c.Server.InsecureCookies {
		host, _, _ := net.SplitHostPort(c.Server.Listen)
		switch {
		case !isLoopback(host):
			refuse("server.insecure_cookies", "expected false, because server.listen is not a loopback address")
		case strings.HasPrefix(c.Publication.URL, "https:"):
			refuse("server.insecure_cookies", "expected false, because publication.url is https")
		}
	}
	if c.Server.MetricsListen == c.Server.Listen && !strings.HasSuffix(c.Server.Listen, ":0") {
		refuse("server.metrics_listen", "expected another address than that of server.listen")
	}
	if c.Wall.VelocityDay < c.Wall.VelocityHour {
		refuse("wall.velocity_day", "expected not less than wall.velocity_hour")
	}
	if m := c.Mail; m.SESRegion != "" {
		if m.SMTPURL != "" {
			refuse("mail.smtp_url", "expected nothing, as mail leaves by Amazon SES (mail.ses_region)")
		}
		if m.SESKeyID == "" || m.SESSecret == "" {
			refuse("mail.ses_key_id", "expected the id of a key, and its secret in mail.ses_secret")
		}
		if len(m.DKIMKeys) > 0 {
			refuse("mail.dkim_keys", "expected none, as Amazon SES changes what they sign, and signs by itself")
		}
	}
	if (c.Bounces.TLSCertificate == "") != (c.Bounces.TLSKey == "") {
		refuse("bounces.tls_certificate", "expected a certificate and bounces.tls_key, or neither")
	}
	if reason := c.frameConflict(); reason != "" {
		refuse("ads.frame_url", reason)
	}
	return append(found, c.Till.conflicts()...)
}

// frameConflict says why the host of frames cannot be, "" if it can.
func (c Config) frameConflict() string {
	at, own := c.FrameOrigin(), c.Origin()
	switch {
	case c.Ads.FrameURL == "":
		return ""
	case strings.EqualFold(at.Hostname(), own.Hostname()):
		return "expected another host than that of publication.url"
	case own.Scheme == "https" && at.Scheme != "https":
		return "expected https, as publication.url is https"
	}
	return ""
}

// conflicts are the rules between what is sold.
func (t Till) conflicts() (found []*Problem) {
	refuse := func(reason, key string, args ...any) {
		found = append(found, &Problem{Key: fmt.Sprintf(key, args...), Reason: reason})
	}
	if t.Provider == "stripe" {
		if t.StripeKey == "" {
			refuse("expected a key, as till.provider is stripe", "till.stripe_key")
		}
		if !strings.HasPrefix(t.StripeSigningSecret.Reveal(), "whsec_") {
			refuse("expected the signing secret of a webhook endpoint, which begins with whsec_, as till.provider is stripe", "till.stripe_signing_secret")
		}
	}
	slugs := map[string]bool{}
	for i, p := range t.Plans {
		if slugs[p.Slug] {
			refuse("expected a slug that no other plan has", "till.plans[%d].slug", i)
		}
		slugs[p.Slug] = true
		own := currenciesOf(p.Prices)
		if !p.Closed && own[t.Currency] != 1 {
			refuse("expected one price in "+t.Currency+", the currency of till.currency", "till.plans[%d].prices", i)
		}
		for code, n := range own {
			if n > 1 {
				refuse("expected one price in "+code, "till.plans[%d].prices", i)
			}
		}
		for code, n := range currenciesOf(p.FirstPrices) {
			if n > 1 || own[code] == 0 {
				refuse("expected one first price at most for each currency of prices", "till.plans[%d].first_prices", i)
			}
		}
		if why := t.cannotMove(p, p.MovesTo); why != "" {
			refuse(why, "till.plans[%d].moves_to", i)
		}
		if p.MovesTo != "" && !p.Closed {
			refuse("expected true, as moves_to is set", "till.plans[%d].closed", i)
		}
		if why := t.cannotMove(p, p.Otherwise); why != "" || (p.Otherwise == "") != (len(p.Domains) == 0) {
			refuse(cmp.Or(why, "expected together with domains"), "till.plans[%d].otherwise", i)
		}
		if len(p.Countries) > 0 && len(p.Domains) > 0 {
			refuse("expected countries or domains, not both", "till.plans[%d].countries", i)
		}
		if p.TrialDays > 0 && len(p.FirstPrices) > 0 {
			refuse("expected free days or a first price, not both", "till.plans[%d].trial_days", i)
		}
	}
	if t.Provider != "" && !slices.ContainsFunc(t.Plans, func(p Plan) bool { return !p.Closed && len(p.Domains)+len(p.Countries) == 0 }) {
		refuse("expected a plan for everyone that is sold", "till.plans")
	}
	codes := map[string]bool{}
	for i, c := range t.Coupons {
		if codes[c.Code] {
			refuse("expected a code that no other coupon has", "till.coupons[%d].code", i)
		}
		codes[c.Code] = true
		if c.Plan != "" && !slugs[c.Plan] {
			refuse("expected the slug of a plan", "till.coupons[%d].plan", i)
		}
	}
	return found
}

// cannotMove is why those who have a plan cannot go over to the one it names, "" when they can.
func (t Till) cannotMove(p Plan, slug string) string {
	if slug == "" {
		return ""
	}
	for _, to := range t.Plans {
		if to.Slug != slug || to.Slug == p.Slug || to.MovesTo != "" || len(to.Domains) > 0 ||
			len(to.Countries) > 0 && !slices.Equal(to.Countries, p.Countries) {
			continue
		}
		own := currenciesOf(to.Prices)
		for code := range currenciesOf(p.Prices) {
			if own[code] == 0 {
				return "expected a plan with a price in " + code
			}
		}
		if to.Every != p.Every {
			return "expected a plan that is paid as often"
		}
		return ""
	}
	return "expected the slug of another plan, which is for everyone, or the same countries, and does not move itself"
}

// currenciesOf counts the prices of each currency.
func currenciesOf(prices []string) map[string]int {
	n := map[string]int{}
	for _, p := range prices {
		code, _, _ := strings.Cut(p, " ")
		n[code]++
	}
	return n
}
