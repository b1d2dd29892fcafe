package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/billing/stripe"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/readers"
)

// openTill opens the till, when somebody is configured to take the money.
func (s *Services) openTill(ctx context.Context, stripeAPI string) (err error) {
	c := s.Config
	var p billing.Provider
	switch c.Till.Provider {
	case "":
		return nil
	case billing.TestSource:
		s.Rehearsal = rehearsal.New(s.DB, c.Publication.URL, s.now)
		p = s.Rehearsal
	case stripe.Source:
		if s.stripe, err = s.openStripe(stripeAPI); err != nil {
			return err
		}
		p = s.stripe
	default:
		return fmt.Errorf("till.provider: there is no provider %q", c.Till.Provider)
	}
	sold, err := catalog(c)
	if err != nil {
		return err
	}
	if err := s.openGifts(ctx); err != nil {
		return err
	}
	goods := map[string]billing.Goods{groups.Kind: s.Groups, gifts.Kind: s.Gifts}
	s.Till, err = billing.NewTill(ctx, s.DB, s.Readers, s.Outbox, []billing.Provider{p}, billing.TillOptions{Catalog: sold,
		Grace: time.Duration(c.Till.GraceDays) * 24 * time.Hour, Origin: c.Publication.URL, Name: c.Publication.Name,
		Language: c.Publication.Language, Zone: c.Location(), Goods: goods, Sold: s.sold, Now: s.now, Log: s.Log})
	return err
}

// openGroups opens the groups, whose seats can be granted where nothing is sold.
func (s *Services) openGroups(ctx context.Context) (err error) {
	c := s.Config
	s.Groups, err = groups.New(ctx, s.DB, s.Readers, s.Outbox, groups.Options{Origin: c.Publication.URL, Name: c.Publication.Name,
		Now: s.now, Log: s.Log})
	if err == nil {
		s.Readers.Attach([]readers.Exporter{s.Groups}, []readers.Eraser{s.Groups})
	}
	return err
}

// openGifts opens what is sold for others.
func (s *Services) openGifts(ctx context.Context) (err error) {
	c := s.Config
	s.Gifts, err = gifts.New(ctx, s.DB, s.Readers, s.Outbox, gifts.Options{Origin: c.Publication.URL, Name: c.Publication.Name,
		Zone: c.Location(), Now: s.now, Log: s.Log})
	if err == nil {
		s.Readers.Attach([]readers.Exporter{s.Gifts}, []readers.Eraser{s.Gifts})
	}
	return err
}

// openStripe is Stripe with the keys of the configuration. It fails for a price that Stripe cannot charge.
func (s *Services) openStripe(api string) (*stripe.Provider, error) {
	c := s.Config.Till
	sold, err := catalog(s.Config)
	if err != nil {
		return nil, err
	}
	called := map[string]string{}
	for _, plan := range sold.Plans {
		called[plan.Slug] = s.Config.Publication.Name + ", " + plan.Name
		for _, m := range slices.Concat(plan.Prices, plan.First) {
			if err := stripe.Sells(m); err != nil {
				return nil, fmt.Errorf("till.plans: %s: %w", plan.Slug, err)
			}
		}
	}
	return stripe.New(stripe.Options{Key: c.StripeKey.Reveal(), SigningSecret: c.StripeSigningSecret.Reveal(), Origin: s.Config.Publication.URL,
		Tax: c.StripeTax, PromotionCodes: c.StripePromotionCodes, Domain: c.StripeDomain, Products: called, API: api, Now: s.now})
}

// sold counts a subscription for the edition of a letter that led to it.
func (s *Services) sold(ctx context.Context, campaign string) {
	letter, ok := strings.CutPrefix(campaign, "letter:")
	edition, err := strconv.ParseInt(letter, 10, 64)
	if !ok || err != nil {
		return
	}
	if err := s.Newsletters.Led(ctx, edition, newsletters.Subscribed); err != nil {
		s.Log.Warn("a subscription by a letter is not counted", "error", err)
	}
}

// errTestCheckout keeps a publication from giving everything away.
var errTestCheckout = errors.New(`till.provider: the test checkout takes no money: it is for "gatefold demo" alone`)

// Catalog is what the configuration sells, whoever takes the money.
func (s *Services) Catalog() (billing.Catalog, error) { return catalog(s.Config) }

// catalog is what the configuration sells. The currency shown first comes first.
func catalog(c config.Config) (billing.Catalog, error) {
	var out billing.Catalog
	for _, p := range c.Till.Plans {
		plan := billing.Plan{Slug: p.Slug, Name: p.Name, Every: billing.Period(p.Every), TrialDays: p.TrialDays, Closed: p.Closed}
		plan.MovesTo, plan.Domains, plan.Otherwise, plan.Countries = p.MovesTo, p.Domains, p.Otherwise, p.Countries
		if p.MovesOn != "" {
			on, err := time.ParseInLocation(time.DateOnly, p.MovesOn, c.Location())
			if err != nil {
				return out, fmt.Errorf("till.plans: %s: %w", p.Slug, err)
			}
			plan.MovesOn = on
		}
		var err1, err2 error
		plan.Prices, err1 = prices(p.Prices, c.Till.Currency)
		plan.First, err2 = prices(p.FirstPrices, c.Till.Currency)
		if err := errors.Join(err1, err2); err != nil {
			return out, fmt.Errorf("till.plans: %s: %w", p.Slug, err)
		}
		out.Plans = append(out.Plans, plan)
	}
	for _, k := range c.Till.Coupons {
		coupon := billing.Coupon{Code: strings.ToLower(k.Code), PercentOff: k.PercentOff, Periods: k.Periods, Plan: k.Plan, Uses: k.Uses}
		if k.LastDay != "" {
			last, err := time.ParseInLocation(time.DateOnly, k.LastDay, c.Location())
			if err != nil {
				return out, fmt.Errorf("till.coupons: %s: %w", k.Code, err)
			}
			coupon.Ends = last.AddDate(0, 0, 1)
		}
		out.Coupons = append(out.Coupons, coupon)
	}
	return out, nil
}

func prices(texts []string, first string) (list []billing.Money, err error) {
	for _, text := range texts {
		m, err := billing.ParseMoney(text)
		if err != nil {
			return nil, err
		}
		if m.Currency == first {
			list = append([]billing.Money{m}, list...)
		} else {
			list = append(list, m)
		}
	}
	return list, nil
}

// sell looks after contracts and checkouts.
func (a *App) sell(ctx context.Context) {
	if a.Till != nil {
		_ = a.Till.Run(ctx) // its error is always nil
	}
}

// payAt are the origins of the pages where money is taken, beside the site's own.
func (s *Services) payAt() []string {
	if s.stripe == nil {
		return nil
	}
	return s.stripe.Pages()
}

// remind tells readers that what was given to them ends, whether or not something is sold here.
func (a *App) remind(ctx context.Context) {
	r := billing.NewReminders(a.DB, a.Readers, a.Outbox, billing.RemindersOptions{Origin: a.Config.Publication.URL, Zone: a.Config.Location(),
		Now: a.now, Log: a.Log})
	_ = r.Run(ctx) // its error is always nil
}

// present sends gifts on their day.
func (a *App) present(ctx context.Context) {
	if a.Gifts != nil {
		_ = a.Gifts.Run(ctx) // its error is always nil
	}
}
