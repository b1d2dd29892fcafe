package newsroom

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// upload sends a form with a file, none when it has no bytes.
func (p *person) upload(path string, file []byte, pairs ...string) answer {
	p.n.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if file != nil {
		part, err := form.CreateFormFile("picture", "a.png")
		p.n.must(err)
		_, err = part.Write(file)
		p.n.must(err)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		p.n.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	p.n.must(form.Close())
	r, err := http.NewRequestWithContext(p.n.t.Context(), http.MethodPost, p.n.url+path, &body)
	p.n.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return p.do(r)
}

// An article that was begun here gets the picture that leads it, other words for it, another in its place, and loses it.
func TestLeadPhotograph(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		editor := n.member(staff.Editor)
		sheet := piecePath(n.article)
		hero := func() library.Image {
			d, err := n.Library.Manuscript(t.Context(), n.article)
			n.must(err)
			if d.Hero == nil {
				return library.Image{}
			}
			return *d.Hero
		}
		drawn := func(width int) []byte {
			var b bytes.Buffer
			n.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 30))))
			return b.Bytes()
		}
		if a := editor.upload(sheet+"/photograph", nil, "alt", "A quay"); a.status != 422 || !strings.Contains(a.body, "Choose a picture first.") || !strings.Contains(a.body, "A quay") {
			t.Errorf("without a file: %d", a.status)
		}
		if a := editor.upload(sheet+"/photograph", []byte("GIF?"), "alt", "A quay"); a.status != 422 || !strings.Contains(a.body, `id="picture-fault"`) {
			t.Errorf("no picture: %d", a.status)
		}
		if a := editor.upload(sheet+"/photograph", drawn(40), "alt", "A quay", "caption", "Morning"); a.status != 303 {
			t.Fatalf("uploaded: %d\n%s", a.status, a.body)
		}
		first := hero()
		if first.Width != 40 || first.Alt != "A quay" || first.Caption != "Morning" || !strings.Contains(editor.get(sheet).body, "/media/40/"+first.File) {
			t.Errorf("the article has %+v", first)
		}
		if a := editor.post(sheet+"/publish", "when", "now"); a.status != 422 || !strings.Contains(a.body, "no credit") {
			t.Errorf("published without a credit: %d", a.status)
		}
		if a := editor.upload(sheet+"/photograph", nil, "alt", "A quay", "picture-credit", "Edda", "licence", "CC BY 4.0"); a.status != 303 {
			t.Errorf("other words: %d", a.status)
		}
		if h := hero(); h.File != first.File || h.Credit != "Edda" || h.Licence != "CC BY 4.0" || h.Caption != "" {
			t.Errorf("with other words the article has %+v", h)
		}
		editor.upload(sheet+"/photograph", drawn(50), "picture-credit", "Ben")
		if h := hero(); h.File == first.File || h.Width != 50 || h.Credit != "Ben" || h.Alt != "" {
			t.Errorf("with another picture the article has %+v", h)
		}
		if a := editor.post(sheet+"/publish", "when", "now"); a.status != 303 {
			t.Errorf("published with a credit: %d\n%s", a.status, a.body)
		}
		editor.post(sheet + "/photograph/remove")
		if h := hero(); h.File != "" {
			t.Errorf("removed, the article has %+v", h)
		}
	})
}
