package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
)

// silent is a name server that does not answer.
type silent struct{}

var errSilent = errors.New("no answer")

func (silent) LookupTXT(context.Context, string) ([]string, error) { return nil, errSilent }
func (silent) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, errSilent }
func (silent) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, errSilent
}
func (silent) LookupAddr(context.Context, string) ([]string, error)          { return nil, errSilent }
func (silent) DialContext(context.Context, string, string) (net.Conn, error) { return nil, errSilent }

// Letters to all wait for the doctor where there are readers to harm: not in the demonstration, nor over plain HTTP.
func TestDoctorKeepsLettersBack(t *testing.T) {
	for name, tc := range map[string]struct {
		url  string
		demo bool
		want bool
	}{
		"a publication":   {"https://journal.invalid", false, true},
		"over plain HTTP": {"http://journal.invalid", false, false},
		"a demonstration": {"https://journal.invalid", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, c := t.Context(), config.Default()
			c.Data.Dir, c.Publication.URL = t.TempDir(), tc.url
			s, err := Open(ctx, c, Options{Log: io.Discard, Demo: tc.demo, names: silent{}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			for what, err := range map[string]error{"send": s.Newsletters.Send(ctx, 7), "resend": second(s.Newsletters.Resend(ctx, 7))} {
				if err == nil || fault.Is(err, fault.Denied) != tc.want {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

func second[A any](_ A, err error) error { return err }
