package app

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/bounces"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/readers"
)

// A bounce that comes late is about the address that the mail went to, not about the one its reader has moved to.
func TestMovedReadersAddressIsTheirOwn(t *testing.T) {
	ctx, c := t.Context(), config.Default()
	c.Data.Dir = t.TempDir()
	s, err := Open(ctx, c, Options{Log: io.Discard, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ask := readers.Ask{Address: "anna@example.org", From: netip.MustParsePrefix("192.0.2.0/24")}
	if _, err := s.Readers.SignIn(ctx, ask); err != nil {
		t.Fatal(err)
	}
	r, err := s.Readers.Find(ctx, ask.Address)
	if err != nil {
		t.Fatal(err)
	}
	before, err := (people{s.Readers}).Person(ctx, r.ID)
	if err != nil || !before.Since.IsZero() {
		t.Fatalf("%+v, %v", before, err)
	}
	if err := s.Readers.ChangeAddress(ctx, r.ID, "anna@example.net", ask.From); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Readers.UseLink(ctx, linkTo(t, s, "anna@example.net"), readers.Device{}); err != nil {
		t.Fatal(err)
	}
	after, err := (people{s.Readers}).Person(ctx, r.ID)
	if err != nil || after.Address != "anna@example.net" || time.Since(after.Since) > time.Minute {
		t.Fatalf("%+v, %v", after, err)
	}
	found, err := (people{s.Readers}).Find(ctx, "anna@example.net")
	if err != nil || found != after {
		t.Errorf("%+v, %v", found, err)
	}
}

// linkTo is the token of the link in the mail to an address.
func linkTo(t *testing.T, s *Services, address string) string {
	t.Helper()
	mails, err := s.Outbox.List(t.Context(), 10, address)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if _, after, ok := strings.Cut(m.Text, "token="); ok && m.To == address {
			return strings.Fields(after)[0]
		}
	}
	t.Fatalf("no link among %d mails to %s", len(mails), address)
	return ""
}

// What came back from a reader's mailbox is in the reader's data, and goes with the reader but for the bare fact.
func TestReturnedMailIsTheReadersOwn(t *testing.T) {
	const address = "anna@example.org"
	ctx, c := t.Context(), config.Default()
	c.Data.Dir = t.TempDir()
	s, err := Open(ctx, c, Options{Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ask := readers.Ask{Address: address, From: netip.MustParsePrefix("192.0.2.0/24")}
	if _, err := s.Readers.SignIn(ctx, ask); err != nil {
		t.Fatal(err)
	}
	r, err := s.Readers.Find(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Bounces.Suppress(ctx, address, bounces.Letters, "asked by telephone", "test"); err != nil {
		t.Fatal(err)
	}
	data, err := s.Readers.Export(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(data.Parts, func(p readers.ExportedPart) bool { return p.Name == "bounces" })
	if at < 0 {
		t.Fatalf("the reader's data has no bounces: %+v", data.Parts)
	}
	if got := data.Parts[at].Data.(bounces.Export).Suppressed; got == nil || got.Reason != "asked by telephone" {
		t.Errorf("the reader's data has %+v", got)
	}
	if err := s.Readers.Delete(ctx, r.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if left, err := s.Bounces.Find(ctx, address); err != nil || left.Address != "" || left.Evidence != "" {
		t.Errorf("after the reader was deleted: %+v, %v", left, err)
	}
}
