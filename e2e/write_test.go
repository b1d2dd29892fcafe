//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

var staffLink = regexp.MustCompile(`(?:as an editor|as its owner)\s+(\S+)`)

// enter signs a page in to the newsroom, by the link that the demonstration prints: 0 for its editor, 1 for its owner.
func (p *page) enter(d *demo, who int) {
	p.t.Helper()
	found := staffLink.FindAllStringSubmatch(d.out.String(), -1)
	if len(found) < 2 {
		p.t.Fatalf("the demonstration printed no links to its newsroom:\n%s", d.out)
	}
	p.visit(found[who][1])
	p.fill("#name", []string{"Edda Brandt", "Owen Hale"}[who])
	p.follow("main form .button")
}

// until waits for an expression to be true in the page.
func (p *page) until(what, expression string) {
	p.t.Helper()
	ok := ask[bool](p, fmt.Sprintf(`new Promise(done => { const end = Date.now() + 20000, look = () => {
		let yes = false; try { yes = Boolean(%s) } catch {}
		yes ? done(true) : Date.now() > end ? done(false) : setTimeout(look, 50) }; look() })`, expression))
	if !ok {
		p.mu.Lock()
		p.t.Log(p.faults)
		p.mu.Unlock()
		p.shoot("write-failed")
		p.t.Fatalf("%s: never so; the page says %q", what, ask[string](p, `document.querySelector("main").innerText.slice(0, 1500)`))
	}
}

// article is the number of the article that the tests write in. Readers have it: what is written waits.
const article = 1

func (d *demo) writing() string { return fmt.Sprintf("%s/newsroom/articles/%d/", d.url, article) }

// write opens the writing screen and waits until its editor stands.
func (p *page) write(d *demo) {
	p.t.Helper()
	p.visit(d.writing() + "write")
	p.until("the editor stands", `document.querySelector("#write").dataset.ready`)
}

// end puts the caret into a new line at the end of the text.
func (p *page) end() {
	p.t.Helper()
	p.do("go to the text", chromedp.Focus(chromedp.CSS(".write-text .ProseMirror")))
	ask[bool](p, `(() => { const e = document.querySelector(".write-text .ProseMirror"), s = getSelection(); s.selectAllChildren(e); s.collapseToEnd(); return true })()`)
	p.key("Enter")
	if !ask[bool](p, emptyEnd) {
		p.key("Enter") // which leaves a list
	}
	p.until("an empty line at the end", emptyEnd)
}

const emptyEnd = `!document.querySelector(".write-text .ProseMirror > :last-child").textContent`

// key presses a key in the text: down alone, as the editor takes it. (Sent from outside, the character of Enter comes even
// when its key was taken.)
func (p *page) key(name string) {
	p.t.Helper()
	ask[bool](p, fmt.Sprintf(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: %q, keyCode: {Enter: 13, Tab: 9}[%[1]q], bubbles: true, cancelable: true})) || true`, name))
}

func (p *page) kind(words string) {
	p.t.Helper()
	p.do("type", chromedp.KeyEvent(words))
}

// tool presses a button of the tools.
func (p *page) tool(key string) {
	p.t.Helper()
	p.until("the tool "+key, fmt.Sprintf(`document.querySelector('.tools:not([hidden]) [data-key="%s"]')`, key))
	p.do("press the tool "+key, chromedp.Click(chromedp.CSS(fmt.Sprintf(`.tools [data-key="%s"]`, key))))
}

func (p *page) saved() {
	p.t.Helper()
	p.until("it is saved", `document.querySelector("#write-state").textContent.startsWith("Saved")`)
}

// online turns the network of a page on or off.
func (p *page) online(yes bool) {
	p.t.Helper()
	p.do("turn the network", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !yes, DownloadThroughput: -1, UploadThroughput: -1}}})
		return err
	}))
}

// paste gives the text HTML of a clipboard.
func (p *page) paste(html string) {
	p.t.Helper()
	text, err := json.Marshal(html)
	p.ok("write the clipboard", err)
	ask[bool](p, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.setData("text/html", %s); d.setData("text/plain", "x");
		document.querySelector(".write-text .ProseMirror").dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); return true })()`, text))
}

// body is what is in the text, as HTML.
func (p *page) body() string {
	p.t.Helper()
	return ask[string](p, `document.querySelector(".write-text .ProseMirror").innerHTML`)
}

// TestWriting: an article is written with everything a text can have; a colleague comments; it is revised and restored; readers
// have it when an editor says so.
func TestWriting(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	p.enter(d, 0)
	p.write(d)
	p.end()
	p.kind("## A heading typed")
	p.key("Enter")
	p.kind(`She said "so" and *wrote* on.`)
	p.tool("note")
	p.until("the window of the footnote", `document.querySelector("dialog[open] .note-text .ProseMirror")`)
	p.kind("From the archive.")
	p.key("Enter")
	p.until("the footnote", `document.querySelector(".note-call")`)
	p.key("Enter")
	p.tool("table")
	p.until("the table", `document.querySelectorAll(".write-text .table").length > 0`)
	p.kind("Grain")
	for i, words := range []string{"Year", "Tonnes", "Port"} {
		p.key([]string{"Enter", "Tab", "Tab"}[i])
		p.kind(words)
	}
	p.shoot("write-table")
	p.end()
	p.picture()
	p.end()
	p.tool("cut")
	p.saved()
	body := p.body()
	for _, want := range []string{"<h2>A heading typed</h2>", "“so”", "<em>wrote</em>", `class="note-call"`, "Grain", "Tonnes", `class="cut-line"`, "<figure", "The port at dawn"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in the text:\n%s", want, body)
		}
	}
	p.sound()
	p.shoot("write")
	p.turn(desktop.inDark())
	p.shoot("write")
	p.turn(phone)
	p.write(d)
	p.end()
	p.until("tools on the phone", `!document.querySelector(".tools").hidden`)
	p.shoot("write")
	p.fits()
	p.turn(desktop)

	// The text came back from the server as it was.
	p.write(d)
	if again := p.body(); strings.Count(again, "<figure") != 1 || !strings.Contains(again, "Tonnes") || !strings.Contains(again, "From the archive.") {
		t.Errorf("loaded again it is\n%s", again)
	}
	if !p.waits() {
		t.Error("readers of a public article have what was only written")
	}

	// A comment on a passage.
	ask[bool](p, `(() => { const e = document.querySelector(".write-text .ProseMirror h2:last-of-type"), s = getSelection(); document.querySelector(".write-text .ProseMirror").focus(); s.selectAllChildren(e); return true })()`)
	p.tool("comment")
	p.until("the form of the comment", `document.querySelector(".write-panel form textarea")`)
	p.do("say something", chromedp.SendKeys(chromedp.CSS(".write-panel form textarea"), "Is that so?"), chromedp.Click(chromedp.CSS(".write-panel form .button")))
	p.until("the comment is marked", `document.querySelector(".commented")?.textContent === "A heading typed" && document.querySelector(".write-panel .comment")`)
	p.shoot("write-comment")
	p.do("resolve it", chromedp.Click(chromedp.CSS(".write-panel .thread .actions button:nth-child(2)")))
	p.until("the comment is resolved", `document.querySelector(".write-panel .thread.resolved") && !document.querySelector(".commented")`)

	// Revisions: the first is the library's; restored it is the newest again.
	p.visit(d.writing() + "revisions")
	p.sound()
	p.shoot("revisions")
	p.follow(".sheet tbody tr:last-child a")
	if p.count(".compared ins") == 0 {
		t.Error("the comparison shows nothing new")
	}
	p.sound()
	p.shoot("revision")
	p.follow("form[action$=restore] button")
	p.until("the editor stands", `document.querySelector("#write").dataset.ready`)
	if strings.Contains(p.body(), "Tonnes") {
		t.Error("restored it still has what was written")
	}

	// Readers have what is written when an editor publishes it.
	p.end()
	p.kind("A last word for readers.")
	p.saved()
	p.follow(".write-waits button")
	p.until("it says so", `document.querySelector(".state")?.textContent.includes("Readers have the new text")`)
	if p.waits() {
		t.Error("published, it still waits")
	}
}

// waits reports whether there is something written that readers do not have.
func (p *page) waits() bool {
	p.t.Helper()
	return ask[bool](p, fmt.Sprintf(`fetch("/newsroom/articles/%d/document").then(r => r.json()).then(c => c.waits)`, article))
}

// picture puts a picture into the text by its window.
func (p *page) picture() {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "port.jpg")
	f, err := os.Create(file)
	p.ok("make a picture", err)
	p.ok("make a picture", jpeg.Encode(f, image.NewGray(image.Rect(0, 0, 900, 500)), nil))
	p.ok("make a picture", f.Close())
	p.tool("picture")
	p.until("the window of the picture", `document.querySelector("dialog[open] #ask-file")`)
	p.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#ask-file"), []string{file}))
	p.do("describe it", chromedp.SendKeys(chromedp.CSS("#ask-alt"), "A grey port"))
	p.fill("#ask-caption", "The port at dawn")
	p.fill("#ask-credit", "Mara Lind")
	p.do("done", chromedp.Click(chromedp.CSS("dialog .button")))
	p.until("the picture", `document.querySelector(".write-text figure img")?.naturalWidth > 0`)
}

// TestTwoAtOneText: the second may read, takes over, and what the first typed until then, and without a connection, is kept.
func TestTwoAtOneText(t *testing.T) {
	d := startDemo(t)
	a, b := open(t, desktop), open(t, desktop)
	a.enter(d, 0)
	b.enter(d, 1)
	a.write(d)
	a.end()
	a.kind("Written by Edda.")
	a.saved()
	b.write(d)
	b.until("who writes", `document.querySelector(".write-notice").textContent.includes("Edda Brandt is writing here")`)
	if ask[bool](b, `document.querySelector(".write-text .ProseMirror").isContentEditable`) {
		t.Error("the second can write")
	}
	b.shoot("write-locked")
	a.online(false)
	a.end()
	a.kind("Edda on the train.")
	a.until("kept in the browser", `document.querySelector("#write-state").textContent.startsWith("No connection")`)
	b.do("take over", chromedp.Click(chromedp.CSS(".write-notice button")))
	b.until("the second can write", `document.querySelector(".write-text .ProseMirror").isContentEditable`)
	b.end()
	b.kind("Written by Owen.")
	b.saved()
	a.online(true)
	a.until("what came late is put aside", `document.querySelector(".write-notice a")`)
	a.shoot("write-aside")
	a.follow(".write-notice a")
	if text := a.text(".compared"); !strings.Contains(text, "Edda on the train.") || !strings.Contains(text, "Written by Owen.") {
		t.Errorf("the comparison says %q", text)
	}
	a.shoot("revision-aside")
	b.write(d)
	if body := b.body(); !strings.Contains(body, "Written by Edda.") || !strings.Contains(body, "Written by Owen.") {
		t.Errorf("the newest text is %s", body)
	}
}

// TestTheNetworkIsCut: what is typed without a connection survives a reload and is sent when there is one again.
func TestTheNetworkIsCut(t *testing.T) {
	d := startDemo(t)
	p := open(t, phone)
	p.enter(d, 0)
	p.write(d)
	p.end()
	p.kind("Before.")
	p.saved()
	p.online(false)
	p.end()
	p.kind("In the tunnel.")
	p.until("kept in the browser", `document.querySelector("#write-state").textContent.startsWith("No connection")`)
	p.shoot("write-offline")
	ask[bool](p, `(window.onbeforeunload = null, true)`)
	p.do("leave", chromedp.Navigate("about:blank"))
	p.online(true)
	p.write(d)
	if body := p.body(); !strings.Contains(body, "In the tunnel.") {
		t.Fatalf("after a reload it is %s", body)
	}
	p.saved()
	q := open(t, desktop)
	q.enter(d, 1)
	q.visit(d.writing() + "write?plain")
	if text := q.text("#text"); !strings.Contains(ask[string](q, `document.querySelector("#text").value`), "In the tunnel.") {
		t.Errorf("the server has %s", text)
	}
}

// TestPasting: what Word and Google Docs put on the clipboard comes in as an article holds it.
func TestPasting(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	p.enter(d, 0)
	p.write(d)
	for _, c := range []struct{ name, in, want string }{ // the table last: no line can be begun below it by Enter
		{"Google Docs", `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f2e"><h1 dir="ltr" style="line-height:1.38;"><span style="font-size:20pt;font-family:Arial;color:#000;font-weight:400;">Docs heading</span></h1><p dir="ltr" style="line-height:1.38;"><span style="font-size:11pt;font-weight:400;">Plain, </span><span style="font-size:11pt;font-weight:700;">bold</span><span style="font-weight:400;font-style:italic"> and slanted</span><span> with </span><a href="https://www.google.com/url?q=https://a.example/b&amp;sa=D" style="text-decoration:none;"><span style="color:#1155cc">a link</span></a></p><ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc"><p dir="ltr" role="presentation"><span>One item</span></p></li></ul><br class="Apple-interchange-newline"></b>`,
			`<h2>Docs heading</h2><p>Plain, <strong>bold</strong><em> and slanted</em> with <a href="https://a.example/b" title="https://a.example/b">a link</a></p><ul><li><p>One item</p></li></ul>`},
		{"a web page", `<div class="c" onclick="x()"><p style="color:red">Words <script>alert(1)</script>here<a href="javascript:alert(1)">x</a></p><iframe src="https://b.example/"></iframe><form><input></form></div>`,
			`<p>Words herex</p>`},
		{"Word", `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm} --></style></head><body lang=EN-GB><!--StartFragment--><h2 style='mso-list:none'>Word heading<o:p></o:p></h2><p class=MsoNormal><b><span style='font-size:12.0pt'>Strong</span></b> words<span style='mso-spacerun:yes'>  </span>follow.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>First<o:p></o:p></p><p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span><![endif]>Inner<o:p></o:p></p><table class=MsoTableGrid border=1><tr><td width=301 style='width:225pt'><p class=MsoNormal>Cell<o:p></o:p></p></td></tr></table><p class=MsoNormal><img width=100 src="file:///C:/x/image001.png"></p><!--EndFragment--></body></html>`,
			`<h2>Word heading</h2><p><strong>Strong</strong> words follow.</p><ul><li><p>First</p><ol><li><p>Inner</p></li></ol></li></ul>`},
	} {
		p.end()
		p.paste(c.in)
		if body := p.body(); !strings.Contains(body, c.want) {
			t.Errorf("%s became\n%s\nwant\n%s", c.name, body, c.want)
		}
	}
	if body := p.body(); strings.Contains(body, "Mso") || strings.Contains(body, "file:") || !strings.Contains(body, "<td><p>Cell</p></td>") {
		t.Errorf("the text is %s", body)
	}
	p.saved()
}

// TestWritingWithoutScripts: the form keeps the text as Markdown, and a late one aside.
func TestWritingWithoutScripts(t *testing.T) {
	d := startDemo(t)
	p, q := open(t, phone.withoutScripts()), open(t, desktop.withoutScripts())
	p.enter(d, 0)
	q.enter(d, 1)
	p.visit(d.writing() + "write")
	q.visit(d.writing() + "write")
	p.fits()
	p.shoot("write-plain")
	p.fill("#text", "## Plain\n\nOne *word*.\n")
	p.follow("#write-plain .button")
	if text := p.text(".state"); !strings.Contains(text, "kept") {
		t.Errorf("after saving it says %q", text)
	}
	q.fill("#text", "Too late.")
	q.follow("#write-plain .button")
	if text := q.text("main"); !strings.Contains(text, "Your text was not lost") || !strings.Contains(text, "Too late.") {
		t.Errorf("a late text: %q", text)
	}
	p.visit(d.writing() + "write")
	if text := ask[string](p, `document.querySelector("#text").value`); !strings.Contains(text, "One *word*.") {
		t.Errorf("the text is %q", text)
	}
}

// everything is a document with every node, mark and attribute there is.
const everything = `{"type":"doc","content":[
{"type":"paragraph","attrs":{"lang":"fr"},"content":[{"type":"text","text":"Un "},{"type":"text","text":"deux","marks":[{"type":"link","attrs":{"href":"/articles/x","hreflang":"de","lang":"de"}},{"type":"strong"},{"type":"em","attrs":{"lang":"la"}}]},
 {"type":"hard_break"},{"type":"text","text":"2","marks":[{"type":"sup"}]},{"type":"text","text":"3","marks":[{"type":"sub"}]},{"type":"text","text":"x()","marks":[{"type":"code"}]},
 {"type":"footnote","content":[{"type":"text","text":"A "},{"type":"text","text":"note","marks":[{"type":"em"}]}]},{"type":"cut_mark"},{"type":"text","text":" end."}]},
{"type":"cut"},{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Two"}]},{"type":"heading","attrs":{"level":3},"content":[{"type":"text","text":"Three"}]},{"type":"heading","attrs":{"level":4},"content":[{"type":"text","text":"Four"}]},
{"type":"bullet_list","attrs":{"tight":true},"content":[{"type":"list_item","content":[{"type":"paragraph","content":[{"type":"text","text":"Tight"}]}]}]},
{"type":"ordered_list","attrs":{"order":3},"content":[{"type":"list_item","content":[{"type":"paragraph","content":[{"type":"text","text":"Loose"}]},{"type":"paragraph","content":[{"type":"text","text":"list"}]}]}]},
{"type":"blockquote","attrs":{"lang":"de"},"content":[{"type":"paragraph","content":[{"type":"text","text":"Zitat"}]}]},
{"type":"pullquote","content":[{"type":"paragraph","content":[{"type":"text","text":"Pulled"}]}]},
{"type":"code_block","content":[{"type":"text","text":"a\n\tb"}]},
{"type":"table_block","content":[{"type":"table_caption","content":[{"type":"text","text":"What"}]},{"type":"table","content":[
 {"type":"table_row","content":[{"type":"table_header","attrs":{"scope":"col"},"content":[{"type":"paragraph","content":[{"type":"text","text":"A"}]}]},{"type":"table_header","attrs":{"align":"right"},"content":[{"type":"paragraph","content":[{"type":"text","text":"B"}]}]}]},
 {"type":"table_row","content":[{"type":"table_cell","attrs":{"colspan":2},"content":[{"type":"paragraph","content":[{"type":"text","text":"C"}]}]}]}]}]},
{"type":"figure","attrs":{"src":"/media/640/none.jpg","alt":"What","width":640,"height":480},"content":[{"type":"caption","content":[{"type":"text","text":"Shown"}]},{"type":"credit","content":[{"type":"text","text":"Hers"}]}]},
{"type":"card","attrs":{"href":"https://a.example/","title":"T","description":"D","site":"a.example"}},{"type":"horizontal_rule"},{"type":"paragraph","content":[{"type":"text","text":"End."}]}]}`

// TestTheEditorKeepsEverything: a document that the editor loads and saves is the document it was.
func TestTheEditorKeepsEverything(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	p.enter(d, 0)
	p.visit(d.writing() + "revisions")
	stored := func() string {
		return ask[string](p, `fetch("document").then(r => r.json()).then(c => JSON.stringify(c.document))`)
	}
	if answer := ask[string](p, fmt.Sprintf(`fetch("document", {method: "POST", headers: {Accept: "application/json"}, body: JSON.stringify({base: 0, key: "all", title: "All", document: %s})}).then(r => r.text())`, everything)); !strings.Contains(answer, "version") {
		t.Fatalf("the document is refused: %s", answer)
	}
	before := stored()
	p.write(d)
	p.do("save by hand", chromedp.Focus(chromedp.CSS(".write-text .ProseMirror")))
	ask[bool](p, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "s", ctrlKey: true, bubbles: true, cancelable: true})) || true`)
	p.saved()
	if after := stored(); after != before {
		t.Errorf("the editor made of\n%s\nthis:\n%s", before, after)
	}
	p.visit(d.writing() + "revisions")
	if text := p.text(".sheet tbody tr"); !strings.Contains(text, "saved by hand") {
		t.Errorf("the newest revision is %q", text)
	}
	p.shoot("write-everything")
}
