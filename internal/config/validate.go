package config

import (
	"net"
	"reflect"
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
				continue
			}
			if reason := f.verify(root); reason != "" {
				found = append(found, &Problem{Key: f.key, Reason: reason})
			}
		}
	}
	for i, rule := range c.Wall.Rules {
		found = append(found, rule.problems(ruleKey(i))...)
	}
	return append(found, c.conflicts()...)
}

func (r Rule) problems(key string) []*Problem {
	var found []*Problem
	for _, f := range ruleFields {
		if reason := f.verify(reflect.ValueOf(r)); reason != "" {
			found = append(found, &Problem{Key: key + "." + f.key, Reason: reason})
		}
	}
	if r.Section == "" && r.Kind == "" && r.OlderThanDays == 0 {
		found = append(found, &Problem{Key: key, Reason: "expected section, kind or older_than_days; " +
			"a level for all articles is wall.default_level"})
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
	return found
}
