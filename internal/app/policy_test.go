package app

import (
	"reflect"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
)

func TestPolicy(t *testing.T) {
	c := config.Default()
	c.Publication.TimeZone = "Europe/Berlin"
	c.Wall = config.Wall{
		FreeArticles: 5, Period: "rolling", Spend: "automatic", CourtesyDays: 7, CourtesiesPerNetwork: 2,
		VelocityHour: 10, VelocityDay: 20,
		Rules: []config.Rule{{Section: "in-depth", OlderThanDays: 90, Level: "subscriber"}, {Kind: "column", Level: "open"}},
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	want := access.Policy{
		Free: 5, Rolling: true, Automatic: true, Zone: berlin, CourtesyDays: 7, CourtesiesByNetwork: 2,
		HourlyArticles: 10, DailyArticles: 20,
		Rules: []access.Rule{
			{Section: "in-depth", OlderThan: 90 * 24 * time.Hour, Level: access.Subscriber},
			{Kind: "column", Level: access.Open},
		},
	}
	if got := policy(c); !reflect.DeepEqual(got, want) {
		t.Errorf("policy is\n%+v\nwant\n%+v", got, want)
	}
}

// Every field of the policy is set from the configuration: one added to access is not forgotten here.
func TestPolicySetsEveryField(t *testing.T) {
	c := config.Default()
	c.Wall.Period, c.Wall.Spend = "rolling", "automatic"
	c.Wall.Rules = []config.Rule{{Section: "a", Kind: "b", OlderThanDays: 1, Level: "open"}}
	p := policy(c)
	for _, v := range []reflect.Value{reflect.ValueOf(p), reflect.ValueOf(p.Rules[0])} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not set", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}
