//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/e2e/lighthouse"
)

// modules holds the checkers that npm brings, at the versions of package-lock.json.
const modules = "node_modules"

// maxShift is the layout shift that a page may have: none that a reader can see.
const maxShift = 0.001

// settledShift is the layout shift once what has changed is painted too.
const settledShift = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(window.layoutShift)))))`

// sound fails the test for everything that is wrong with the page as it is now.
func (p *page) sound() {
	p.t.Helper()
	p.fails(append(p.axe(), p.findings()...))
}

// fits is sound without axe, for a screen on which only the room differs.
func (p *page) fits() {
	p.t.Helper()
	p.fails(p.findings())
}

func (p *page) fails(findings []string) {
	p.t.Helper()
	for _, finding := range findings {
		p.t.Errorf("%s on %s: %s", p.address().Path, p.screen, finding)
	}
}

// findings lists what is wrong with the page beside axe's violations: script errors and failed loads, requests to
// another origin, text wider than the screen, layout that moved by itself.
func (p *page) findings() []string {
	p.t.Helper()
	here := p.address()
	p.mu.Lock()
	found := slices.Clone(p.faults)
	for _, address := range p.requests {
		if u, err := url.Parse(address); err != nil || (u.Scheme != "data" && u.Host != here.Host) {
			found = append(found, "third-party request: "+address)
		}
	}
	p.mu.Unlock()
	if wide := ask[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		found = append(found, fmt.Sprintf("the page is %d px wider than the screen", wide))
	}
	if !p.screen.noScripts {
		if shift := ask[float64](p, settledShift); shift > maxShift {
			found = append(found, fmt.Sprintf("layout shift of %.4f", shift))
		}
	}
	return found
}

// axeScript returns the source of axe-core.
var axeScript = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	return string(source), err
})

// runAxe runs every rule of axe but its experiments, and target-size (WCAG 2.2)
// with them, which axe leaves off by default.
const runAxe = `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.html + " " + n.failureSummary)))`

// axe returns the violations that axe-core finds, one for each element. On a
// page whose scripts are off they are on for just as long, as axe waits for
// promises; the page's own scripts were never run and stay so.
func (p *page) axe() []string {
	p.t.Helper()
	if p.screen.noScripts {
		p.do("let axe run", runScripts(true))
		defer p.do("stop scripts again", runScripts(false))
	}
	source, err := axeScript()
	p.ok("read axe-core", err)
	ask[bool](p, source+"; true")
	return ask[[]string](p, runAxe)
}

// validHTML fails the test for every error or warning of the Nu HTML checker in
// the documents, which are given by name.
func validHTML(t *testing.T, documents map[string]string) {
	t.Helper()
	messages, err := checkHTML(t.Context(), t.TempDir(), documents)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range messages {
		t.Error(message)
	}
}

// checkHTML returns the checker's errors and warnings, "NAME:LINE: message".
// All documents go through one run of it, because its start takes a second.
func checkHTML(ctx context.Context, dir string, documents map[string]string) ([]string, error) {
	names := map[string]string{} // by file
	args := []string{"-jar", filepath.Join(modules, "vnu-jar", "build", "dist", "vnu.jar"),
		"--format", "json", "--skip-info-messages", "--exit-zero-always", "--stdout"}
	for name, document := range documents {
		file := filepath.Join(dir, fmt.Sprintf("%d.html", len(names)))
		if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
			return nil, fmt.Errorf("check HTML: %w", err)
		}
		names["file:"+file] = name
		args = append(args, file)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "java", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return nil, fmt.Errorf("check HTML: %w", err)
	}
	var report struct {
		Messages []struct {
			Type, URL, Message, Extract string
			LastLine                    int
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, fmt.Errorf("check HTML: read the report: %w", err)
	}
	var found []string
	for _, m := range report.Messages {
		found = append(found, fmt.Sprintf("%s:%d: %s: %s", names[m.URL], m.LastLine, m.Message, strings.TrimSpace(m.Extract)))
	}
	slices.Sort(found)
	return found, nil
}

// fullMarks fails the test unless Lighthouse gives the page 100 in the
// categories, on phone and desktop.
func fullMarks(t *testing.T, address string, categories ...string) {
	t.Helper()
	for _, onDesktop := range []bool{false, true} {
		report, err := lighthouse.Run(t.Context(), address, lighthouse.Options{
			Modules: modules, Desktop: onDesktop, Categories: categories,
		})
		if err != nil {
			t.Fatal(err)
		}
		for category, score := range report.Scores {
			if score < 100 {
				t.Errorf("%s, desktop %v: %s is %d: %v", address, onDesktop, category, score, report.Short)
			}
		}
	}
}
