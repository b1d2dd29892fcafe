// Package lighthouse runs Lighthouse, as pinned in e2e/package-lock.json, over
// a page and reads its report.
package lighthouse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/e2e/chromium"
)

// The categories that Lighthouse scores.
const (
	Performance   = "performance"
	Accessibility = "accessibility"
	BestPractices = "best-practices"
	SEO           = "seo"
)

// Options say how to look at a page.
type Options struct {
	Modules    string   // the node_modules folder that holds lighthouse
	Desktop    bool     // a desktop on a fast line; else a mid-range phone on slow 4G
	Categories []string // empty: all four
}

// Report is what Lighthouse found.
type Report struct {
	Scores map[string]int // 0–100 by category
	Short  []Audit        // the audits that cost points, by identifier
	CLS    float64        // cumulative layout shift, unitless; 0 unless Performance was asked for
	LCP    float64        // largest contentful paint, milliseconds; as CLS
}

// Audit is one check that a page did not pass in full.
type Audit struct {
	ID, Title, Shown string  // Shown is the value as displayed, may be empty
	Score            float64 // 0–1
}

func (a Audit) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s (%.2f): %s %s", a.ID, a.Score, a.Title, a.Shown))
}

// Run opens url in a new headless Chromium and returns the report. A page that
// cannot be loaded or answers with an error status is an error.
func Run(ctx context.Context, url string, o Options) (Report, error) {
	browser, err := chromium.Path()
	if err != nil {
		return Report{}, fmt.Errorf("lighthouse %s: %w", url, err)
	}
	args := []string{
		filepath.Join(o.Modules, "lighthouse", "cli", "index.js"), url,
		"--quiet", "--output=json", "--output-path=stdout", "--no-enable-error-reporting",
		"--chrome-flags=--" + strings.Join(chromium.Flags(), " --"),
	}
	if o.Desktop {
		args = append(args, "--preset=desktop")
	}
	if len(o.Categories) > 0 {
		args = append(args, "--only-categories="+strings.Join(o.Categories, ","))
	}
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+browser)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return Report{}, fmt.Errorf("lighthouse %s: %w: %s", url, err, bytes.TrimSpace(stderr.Bytes()))
	}
	report, err := parse(out)
	if err != nil {
		return Report{}, fmt.Errorf("lighthouse %s: %w", url, err)
	}
	return report, nil
}

// result is the part of a Lighthouse result (LHR) that is read here.
type result struct {
	RuntimeError struct{ Code, Message string }
	Categories   map[string]struct {
		Score     *float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Title        string
		DisplayValue string
		Score        *float64
		NumericValue float64
	}
}

func parse(raw []byte) (Report, error) {
	var r result
	if err := json.Unmarshal(raw, &r); err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	if r.RuntimeError.Code != "" {
		return Report{}, fmt.Errorf("%s: %s", r.RuntimeError.Code, r.RuntimeError.Message)
	}
	report := Report{
		Scores: map[string]int{},
		CLS:    r.Audits["cumulative-layout-shift"].NumericValue,
		LCP:    r.Audits["largest-contentful-paint"].NumericValue,
	}
	for name, category := range r.Categories {
		if category.Score == nil {
			return Report{}, fmt.Errorf("no score for %s", name)
		}
		report.Scores[name] = int(math.Round(*category.Score * 100))
		for _, ref := range category.AuditRefs {
			audit := r.Audits[ref.ID]
			if ref.Weight > 0 && audit.Score != nil && *audit.Score < 1 {
				report.Short = append(report.Short, Audit{ref.ID, audit.Title, audit.DisplayValue, *audit.Score})
			}
		}
	}
	slices.SortFunc(report.Short, func(a, b Audit) int { return strings.Compare(a.ID, b.ID) })
	return report, nil
}
