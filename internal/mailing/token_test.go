package mailing

import (
	"math"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestTokens(t *testing.T) {
	m := &Mailings{secret: []byte("a secret"), options: Options{Domain: "journal.example"}}
	other := &Mailings{secret: []byte("another"), options: m.options}
	for _, ids := range [][2]int64{{1, 1}, {1, 2}, {127, 128}, {300, 1 << 40}, {math.MaxInt64, math.MaxInt64}} {
		token := m.Token(ids[0], ids[1])
		if strings.Trim(token, "abcdefghijklmnopqrstuvwxyz234567") != "" || len(token) > 62 {
			t.Errorf("%q cannot stand before an @ behind \"b+\"", token)
		}
		id, _, _ := strings.Cut(m.messageID(ids[0], ids[1]), "@")
		if id == token {
			t.Error("a Message-ID, which every reader sees, is the token of the bounce address")
		}
		for _, text := range []string{token, strings.ToUpper(token), id} {
			mailing, reader, ok := m.parseToken(text)
			if !ok || mailing != ids[0] || reader != ids[1] {
				t.Errorf("%q: %d, %d, %v; want %d", text, mailing, reader, ok, ids)
			}
			if _, _, ok := other.parseToken(text); ok {
				t.Error("a token holds under another key")
			}
			for i := range text {
				flipped := []byte(text)
				if flipped[i] = 'a'; text[i] == 'a' || text[i] == 'A' {
					flipped[i] = 'b'
				}
				if mailing, reader, ok := m.parseToken(string(flipped)); ok && (mailing != ids[0] || reader != ids[1]) {
					t.Errorf("%q, changed at %d, names row %d, %d", text, i, mailing, reader)
				}
			}
		}
	}
	for _, text := range []string{"", "a", "aaaaaaaaaaaaaaaa", strings.Repeat("a", 200), "ÄÖ", "b+x@y"} {
		if _, _, ok := m.parseToken(text); ok {
			t.Errorf("%q is a token", text)
		}
	}
}

// A delivery is found by its tokens, and what came back is counted as failed, once it had left.
func TestDeliveryAndBounced(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		m, ctx := open(t, db, Options{Domain: "journal.example"}), t.Context()
		id := begin(t, m, 2)
		if err := m.Bounced(ctx, id, 1, NoSuchUser, "unknown"); err != nil {
			t.Fatal(err)
		}
		start(t, m, newEdition(t), &server{})
		if s := until(t, m, id, Status.Done); s.Sent != 2 {
			t.Fatalf("what had not left counts as come back: %+v", s)
		}
		d, err := m.Delivery(ctx, m.Token(id, 2))
		if err != nil || d.Reader != 2 || d.Mailing != id || d.Edition != 7 || d.Newsletter != "daily" || d.State != RowSent || d.At.IsZero() {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := m.Delivery(ctx, m.Token(id, 3)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a row that is not there: %v", err)
		}
		if err := m.Bounced(ctx, id, 2, NoSuchUser, strings.Repeat("ü", 900)); err != nil {
			t.Fatal(err)
		}
		s, err := m.Status(ctx, id)
		if err != nil || s.Sent != 1 || s.Failed != 1 || s.ByReason[string(NoSuchUser)] != 1 || s.State != Finished {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
