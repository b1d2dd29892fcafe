package app

import (
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
)

// policy is the wall as the configuration has it.
func policy(c config.Config) access.Policy {
	p := access.Policy{
		Free:                c.Wall.FreeArticles,
		Rolling:             c.Wall.Period == "rolling",
		Automatic:           c.Wall.Spend == "automatic",
		Zone:                c.Location(),
		CourtesyDays:        c.Wall.CourtesyDays,
		CourtesiesByNetwork: c.Wall.CourtesiesPerNetwork,
		GiftArticles:        c.Wall.GiftArticles,
		GiftDays:            c.Wall.GiftDays,
		GiftDevices:         c.Wall.GiftDevices,
		HourlyArticles:      c.Wall.VelocityHour,
		DailyArticles:       c.Wall.VelocityDay,
	}
	for _, r := range c.Wall.Rules {
		p.Rules = append(p.Rules, access.Rule{
			Section:   r.Section,
			Kind:      r.Kind,
			OlderThan: time.Duration(r.OlderThanDays) * 24 * time.Hour,
			Level:     access.Level(r.Level),
		})
	}
	return p
}
