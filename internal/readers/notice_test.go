package readers

import (
	"strings"
	"testing"
)

func TestNotice(t *testing.T) {
	l, err := newLetters(Publication{Name: "The Review", Origin: "https://review.example"})
	if err != nil {
		t.Fatal(err)
	}
	r := &Readers{letters: l}
	m, err := r.Compose(Notice{To: "anna@example.org", Kind: "receipt", Subject: "Your \r\nreceipt", Heading: "Thank you",
		Lines: []string{"You paid <€9>.", "It runs until May."}, Button: "Your account", Link: "https://review.example/account", Aside: "Keep it."})
	if err != nil {
		t.Fatal(err)
	}
	if m.To != "anna@example.org" || m.Kind != "receipt" || m.Subject != "Your receipt" || len(m.Links) != 1 {
		t.Errorf("mail %+v", m)
	}
	for _, want := range []string{"Thank you", "You paid <€9>.", "It runs until May.", "Your account:\n\nhttps://review.example/account", "Keep it."} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	for _, want := range []string{">Thank you</h1>", "You paid &lt;€9&gt;.", `href="https://review.example/account"`} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if plain, err := r.Compose(Notice{To: "a@b.c", Heading: "Bye"}); err != nil || len(plain.Links) != 0 || strings.Contains(plain.HTML, `class="button"`) {
		t.Errorf("without a link: %+v, %v", plain.Links, err)
	}
}
