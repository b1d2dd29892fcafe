package newsroom

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Articles are given to members alone, one by one and many at once, and to nobody when the member goes.
func TestWhoHasAnArticle(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		owner, author := n.member(staff.Owner), n.member(staff.Author)
		reader, err := n.Readers.Add(t.Context(), "reader@example.org")
		n.must(err)
		has := func(want int64) {
			t.Helper()
			p, err := n.Board.Piece(t.Context(), n.article)
			n.must(err)
			if p.Assignee != want {
				t.Errorf("%d has the article, want %d", p.Assignee, want)
			}
		}
		id := strconv.FormatInt(n.article, 10)
		for _, who := range []string{strconv.FormatInt(reader.ID, 10), "999", "-1", "x"} {
			for _, a := range []answer{owner.post("/newsroom/bulk", "id", id, "who", who),
				owner.post("/newsroom/pieces/"+id+"/plan", "stage", "draft", "who", who)} {
				if a.status != http.StatusUnprocessableEntity {
					t.Errorf("given to %q: %d to %q", who, a.status, a.to)
				}
			}
			has(0)
		}
		if a := owner.post("/newsroom/bulk", "id", id, "who", strconv.FormatInt(author.id, 10)); a.status != http.StatusSeeOther {
			t.Errorf("given to the author: %d\n%s", a.status, a.body)
		}
		has(author.id)
		n.must(n.Staff.Remove(t.Context(), author.id, "test"))
		has(0)
	})
}

// Strangers cannot fill the database with ceremonies: a network begins as many in an hour as it may send forms.
func TestCeremoniesOfStrangersAreCounted(t *testing.T) {
	n := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	p := n.stranger()
	var last answer
	for range 100 {
		if last = p.post("/newsroom/sign-in/passkey"); last.status == http.StatusTooManyRequests {
			break
		}
	}
	if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" {
		t.Errorf("the hundredth ceremony of a network: %d", last.status)
	}
	if _, err := n.Readers.SignIn(t.Context(), readers.Ask{Address: "ada@example.org"}); err != nil {
		t.Errorf("the readers' form beside it: %v", err)
	}
}

func TestRoutesAreForSomebody(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Route
		ok   bool
	}{
		{"nobody", Route{Pattern: "GET /x"}, false},
		{"public", Route{Pattern: "GET /x", Public: true}, true},
		{"roles", Route{Pattern: "GET /x", For: staff.Owners}, true},
		{"both", Route{Pattern: "GET /x", For: staff.Owners, Public: true}, false},
	} {
		if err := checkRoutes([]Route{c.r}); (err == nil) != c.ok {
			t.Errorf("for %s: %v", c.name, err)
		}
	}
}
