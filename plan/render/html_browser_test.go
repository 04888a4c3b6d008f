//go:build browser

// These tests look at the page as people see it. They need Chromium, so that they run
// only where they are asked for:
//
//	go test -tags browser -run Browser ./plan/render
package render

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// attacks try to become something else than text wherever they stand.
var attacks = []string{
	`<script>window.pwned = 1; alert(1)</script>`,
	`</script><script>window.pwned = 1</script>`,
	`"><img src=x onerror="window.pwned = 1">`,
	`'><svg onload=window.pwned=1></svg>`,
	`<a href="javascript:window.pwned=1" autofocus onfocus="window.pwned=1">x</a>`,
	`</title></style></textarea></template><iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
	"{{.Title}} {{template \"fields\"}} ]]> --> \u202egnp.txt\u2066 \u0000",
}

// hostilePlan has the attacks in every place that shows a text of the workspace.
func hostilePlan() *plan.Plan {
	p := samplePlan()
	for _, a := range attacks {
		p.Changes = append(p.Changes, &plan.Change{
			Addr: "agents/" + a, Kind: "agents", Action: plan.Update, Pos: schema.Pos{File: a + ".cue", Line: 1, Col: 1},
			Fields: []field.Change{
				{Path: "objective", Before: "First\n" + a + "\nlast", After: "First\n" + a + " changed\nlast", Origin: field.Conflict, Base: a},
				{Path: a, Before: a, After: []any{a, map[string]any{a: a}}},
			},
			Notes:     []field.Note{{Code: "x", Text: a, Addrs: []string{a}}},
			Effective: map[string]any{a: a},
		}, &plan.Change{Addr: "agents/un" + a, Kind: "agents", Action: plan.Unmanaged})
		p.Warnings = append(p.Warnings, field.Note{Text: a})
	}
	return p
}

// page writes a plan as HTML and gives its address.
func pageFile(t *testing.T, p *plan.Plan) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.html")
	if err := os.WriteFile(file, rendered(t, p, HTML, Options{}), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + file
}

func TestBrowserShowsHostileTextsAsText(t *testing.T) {
	b := openBrowser(t)
	url := pageFile(t, hostilePlan())
	b.open(url)
	b.want("typeof window.pwned", "undefined")
	b.want("document.scripts.length", 1)
	b.want("document.querySelectorAll('img, svg, iframe, a:not(.skip), object, embed, [onerror], [onload], [onfocus]').length", 0)
	b.want("document.title.includes('<') || document.querySelector('main') === null", false)
	text, _ := b.eval("document.body.textContent").(string)
	for _, a := range attacks {
		if shown := strings.NewReplacer("\u202e", `\u202e`, "\u2066", `\u2066`, "\u0000", `\x00`).Replace(a); !strings.Contains(text, shown) {
			t.Errorf("the page does not show %q", shown)
		}
	}
	if strings.ContainsAny(text, "\u202e\u2066") {
		t.Error("a mark turns the direction of reading around")
	}
	// The page's own script ran: it is what shows the search.
	b.want("document.querySelector('form.tools').hidden", false)
	for _, e := range b.seen("Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Log.entryAdded") {
		t.Errorf("%s %s", e.Method, e.Params)
	}
	for _, e := range b.seen("Network.requestWillBeSent") {
		var sent struct {
			Request struct {
				URL string `json:"url"`
			} `json:"request"`
		}
		if err := json.Unmarshal(e.Params, &sent); err != nil || sent.Request.URL != url {
			t.Errorf("the page asks for %s %v", sent.Request.URL, err)
		}
	}
}

const visible = "[...document.querySelectorAll('details.change')].filter(c => c.checkVisibility()).length"

func TestBrowserSearches(t *testing.T) {
	b := openBrowser(t)
	b.open(pageFile(t, samplePlan()))
	all := b.eval("document.querySelectorAll('details.change').length").(float64)
	b.want(visible, all)

	// By the keyboard alone: the slash leads to the search, Escape out of it.
	b.press("/", "/")
	b.want("document.activeElement.id + document.activeElement.value", "q")
	b.call("Input.insertText", object{"text": "ORDER number"}, nil)
	if n := b.eval(visible).(float64); n < 1 || n >= all {
		t.Errorf("the search shows %v of %v objects", n, all)
	}
	b.want("[...document.querySelectorAll('details.change')].filter(c => !c.hidden).every(c => /order/i.test(c.textContent) && /number/i.test(c.textContent))", true)
	b.want("/^[0-9]+ of [0-9]+ objects$/.test(document.getElementById('hits').textContent)", true)
	b.want("document.getElementById('hits').getAttribute('aria-live')", "polite")
	b.call("Input.insertText", object{"text": " nowhere"}, nil)
	b.want(visible, 0)
	b.press("Escape", "")
	b.want(visible, all)
	b.want("document.getElementById('hits').textContent", "")

	b.eval("document.querySelector('input[value=delete]').click()")
	b.want("[...document.querySelectorAll('details.change')].filter(c => c.checkVisibility()).some(c => c.dataset.action === 'delete')", false)
}

func TestBrowserKeyboard(t *testing.T) {
	b := openBrowser(t)
	b.open(pageFile(t, samplePlan()))
	var stops []string
	for range 60 {
		b.press("Tab", "")
		at, _ := b.eval("document.activeElement.className || document.activeElement.id || document.activeElement.tagName").(string)
		if at == "BODY" {
			break
		}
		stops = append(stops, at)
		if style := b.eval("getComputedStyle(document.activeElement).outlineStyle"); style == "none" {
			t.Errorf("nobody sees that %s has the focus", at)
		}
		if b.eval("document.activeElement.matches('.change > summary')") == true {
			open := b.eval("document.activeElement.parentElement.open").(bool)
			b.press("Enter", "\r")
			b.want("document.activeElement.parentElement.open", !open)
			b.press("Enter", "\r")
			b.want("document.activeElement.parentElement.open", open)
			break
		}
	}
	for _, want := range []string{"skip", "q", "open", "close", "SUMMARY"} {
		if !slices.Contains(stops, want) {
			t.Errorf("Tab does not reach %s, only %v", want, stops)
		}
	}
	if len(stops) == 0 || stops[0] != "skip" {
		t.Errorf("the first stop of Tab leads past the header: %v", stops)
	}
	// Every control and region says what it is.
	b.want(`[...document.querySelectorAll('input')].every(i => i.labels.length > 0)
		&& [...document.querySelectorAll('button')].every(b => b.textContent.trim() !== '')
		&& [...document.querySelectorAll('[role=region]')].every(r => r.getAttribute('aria-label'))`, true)
}

// A long text stands before and after the change side by side, each line beside the
// one that it became, where the window is wide enough; where it is not, the table
// scrolls and the page does not.
func TestBrowserComparesSideBySide(t *testing.T) {
	b := openBrowser(t)
	b.open(pageFile(t, samplePlan()))
	b.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
	for _, width := range []int{1600, 1200, 480} {
		b.call("Emulation.setDeviceMetricsOverride", object{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
		b.want("document.documentElement.scrollWidth <= innerWidth", true)
		b.want("document.querySelectorAll('table.text').length > 0", true)
		text, _ := b.eval(`JSON.stringify([...document.querySelectorAll('table.text tbody tr')].map(row => {
			const box = e => { const r = e.getBoundingClientRect(); return {x: r.left, y: r.top, width: r.width, height: r.height} }
			return {before: box(row.cells[1]), after: box(row.cells[3]), changed: row.cells[1].className === 'removed' && row.cells[3].className === 'added'}
		}))`).(string)
		var rows []struct {
			Before, After struct{ X, Y, Width, Height float64 }
			Changed       bool
		}
		if err := json.Unmarshal([]byte(text), &rows); err != nil {
			t.Fatal(err)
		}
		changed := 0
		for i, r := range rows {
			switch {
			case r.Before.Width < 100 || r.Before.Height < 5:
				t.Errorf("at %d: row %d has no place for a text: %+v", width, i, r.Before)
			case r.After.X < r.Before.X+r.Before.Width:
				t.Errorf("at %d: row %d: the sides overlap, %+v and %+v", width, i, r.Before, r.After)
			case math.Abs(r.After.Y-r.Before.Y) > 1 || math.Abs(r.After.Height-r.Before.Height) > 1:
				t.Errorf("at %d: row %d: the sides are not on one level, %+v and %+v", width, i, r.Before, r.After)
			case math.Abs(r.After.Width-r.Before.Width) > 2:
				t.Errorf("at %d: row %d: one side is wider, %+v and %+v", width, i, r.Before, r.After)
			case width > 1000 && r.After.X+r.After.Width > float64(width):
				t.Errorf("at %d: row %d: the second side is out of the window: %+v", width, i, r.After)
			}
			if r.Changed {
				changed++
			}
		}
		if changed == 0 {
			t.Errorf("at %d: none of %d rows shows a line beside the one that it became", width, len(rows))
		}
	}
}

// screenshot is the page in a colour scheme.
func (b *browser) screenshot(scheme string) image.Image {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	var shot struct {
		Data []byte `json:"data"`
	}
	b.call("Page.captureScreenshot", object{"format": "png"}, &shot)
	if dir := os.Getenv("MIHUSYNC_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "plan-"+scheme+".png"), shot.Data, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	img, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	return img
}

// TestBrowserColours takes screenshots in both colour schemes; MIHUSYNC_SCREENSHOTS
// names a folder that keeps them.
func TestBrowserColours(t *testing.T) {
	b := openBrowser(t)
	b.open(pageFile(t, hostilePlan()))
	for scheme, wantLight := range map[string]bool{"light": true, "dark": false} {
		img := b.screenshot(scheme)
		bounds := img.Bounds()
		if bounds.Dx() < 800 || bounds.Dy() < 600 {
			t.Fatalf("%s: the picture has %v", scheme, bounds)
		}
		counts := map[color.Gray]int{}
		for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
			for x := bounds.Min.X; x < bounds.Max.X; x++ {
				counts[color.GrayModel.Convert(img.At(x, y)).(color.Gray)]++
			}
		}
		most, total := color.Gray{}, bounds.Dx()*bounds.Dy()
		for g, n := range counts {
			if n > counts[most] {
				most = g
			}
		}
		if (most.Y > 200) != wantLight || (most.Y < 60) == wantLight {
			t.Errorf("%s: the ground is %d of 255", scheme, most.Y)
		}
		// Text covers a few percent; a page that failed is of one colour.
		if ink := total - counts[most]; ink < total/100 || len(counts) < 20 {
			t.Errorf("%s: %d of %d pixels and %d shades are not ground", scheme, ink, total, len(counts))
		}
	}
}
