package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
)

func TestDomains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "domains")
	if err := os.WriteFile(file, []byte("# ours\nMailbin.example\n\n  trash.example  # since 2026\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := domains(file)
	if want := []string{"mailbin.example", "trash.example"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
	if got, err := domains(""); got != nil || err != nil {
		t.Errorf("no file gives %q, %v", got, err)
	}
}

func TestHouse(t *testing.T) {
	c := config.Default()
	if got := house(c); len(got) != len(c.Subscribe.AllAccessLines) || got[0].Text != c.Subscribe.AllAccessLines[0] || got[0].URL != "/subscribe" {
		t.Errorf("the house advertises %+v", got)
	}
	c.Ads.House = false
	if got := house(c); got != nil {
		t.Errorf("switched off, the house advertises %+v", got)
	}
}

// The log of net/http tells of clients by their address; ours does not.
func TestServerLogHidesClients(t *testing.T) {
	var out logbook
	log := serverLog{newLog(config.Default(), &out)}
	for _, line := range []string{
		"http: TLS handshake error from 192.0.2.7:51234: EOF", "http: panic serving [2001:db8::7]:4711: x", "no address here",
	} {
		if n, err := log.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
	}
	for _, leaked := range []string{"192.0.2.7", "2001:db8", "51234"} {
		if strings.Contains(out.String(), leaked) {
			t.Errorf("the log holds %s", leaked)
		}
	}
}
