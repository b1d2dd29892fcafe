package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
)

func TestLogHoldsNoAddresses(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			c := config.Default()
			c.Log.Format = format
			var out bytes.Buffer
			log := newLog(c, &out)
			log.Info("mail refused", "error", errors.New(`550 <jane.doe+news@mail.example>: unknown`), "detail", "to=jane@mail.example, again")
			log.With("by", "ops@mail.example").WithGroup("g").Warn("said", "x", fmt.Errorf("wrapped: %w", errors.New("joe@other.example")))
			for _, leaked := range []string{"jane", "mail.example", "ops@", "joe"} {
				if strings.Contains(out.String(), leaked) {
					t.Errorf("the log holds %q:\n%s", leaked, out.String())
				}
			}
			if n := strings.Count(out.String(), "[address]"); n != 4 {
				t.Errorf("%d addresses marked, want 4:\n%s", n, out.String())
			}
		})
	}
}

func TestLogLevelAndFormat(t *testing.T) {
	c := config.Default()
	c.Log.Level = "warn"
	var out bytes.Buffer
	log := newLog(c, &out)
	log.Info("quiet")
	log.Warn("loud", "n", 3)
	var line struct {
		Level, Msg string
		N          int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("expected one line of JSON: %v\n%s", err, out.String())
	}
	if line.Level != "WARN" || line.Msg != "loud" || line.N != 3 {
		t.Errorf("logged %+v", line)
	}
}

func TestWholeLines(t *testing.T) {
	var out bytes.Buffer
	w := &wholeLines{out: &out}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for range 100 {
				fmt.Fprintln(w, strings.Repeat(string(rune('a'+i)), 50))
			}
		})
	}
	all.Wait()
	for line := range strings.Lines(out.String()) {
		if line != strings.Repeat(line[:1], 50)+"\n" {
			t.Fatalf("two lines ran together: %q", line)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 2000 {
		t.Errorf("%d lines, want 2000", n)
	}
}
