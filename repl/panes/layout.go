package panes

// rect is a place on the screen.
type rect struct{ x, y, width, height int }

func (r rect) holds(x, y int) bool {
	return x >= r.x && x < r.x+r.width && y >= r.y && y < r.y+r.height
}

// inner is a place without its frame.
func (r rect) inner() rect { return rect{r.x + 1, r.y + 1, max(r.width-2, 0), max(r.height-2, 0)} }

// arrangement is how the panes stand.
type arrangement int

const (
	fitting arrangement = iota // as the terminal has room
	stacked
	beside
)

// arrange gives each pane its place: three equal parts, the last row of the
// screen left for the keys. What is not seen gets no room.
func (s *Screen) arrange() {
	width, height := s.screen.Size()
	height--
	s.rects = [paneCount]rect{}
	how := s.layout
	if how == fitting {
		how = stacked
		if width >= sideBySide || height < 3*leastHeight && width >= 3*leastWidth {
			how = beside
		}
	}
	switch {
	case s.zoomed, how == stacked && height < 3*leastHeight, how == beside && width < 3*leastWidth:
		s.rects[s.focus] = rect{0, 0, width, height}
	case how == beside:
		for p := range paneCount {
			from, to := int(p)*width/int(paneCount), int(p+1)*width/int(paneCount)
			s.rects[p] = rect{from, 0, to - from, height}
		}
	default:
		for p := range paneCount {
			from, to := int(p)*height/int(paneCount), int(p+1)*height/int(paneCount)
			s.rects[p] = rect{0, from, width, to - from}
		}
	}
	// A pane that is not seen has the width that it would have: what is
	// written to it now may be looked at later.
	for p := range s.rects {
		if s.rects[p].width == 0 {
			s.rects[p] = rect{0, -1, width, 0}
		}
	}
}

// at is the pane at a place, -1 for none.
func (s *Screen) at(x, y int) pane {
	for p, r := range s.rects {
		if r.holds(x, y) {
			return pane(p)
		}
	}
	return -1
}
