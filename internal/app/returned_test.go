package app

import (
	"io"
	"net/netip"
	"slices"
	"testing"

	"github.com/gatefold/gatefold/internal/bounces"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/readers"
)

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
