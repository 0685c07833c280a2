namespace Coco.Quic.Streams;

/// <summary>Streams in order, as a ring of links: first, last and removal are O(1), and an empty list is one null.</summary>
internal struct StreamList
{
    private StreamLink? _first;

    public readonly bool IsEmpty => _first is null;

    public readonly StreamEntry? First => _first?.Entry;

    public void AddLast(StreamLink link)
    {
        if (_first is null)
        {
            _first = link.Next = link.Previous = link;
            return;
        }
        link.Next = _first;
        link.Previous = _first.Previous;
        _first.Previous!.Next = link;
        _first.Previous = link;
    }

    public void Remove(StreamLink link)
    {
        if (ReferenceEquals(link.Next, link))
        {
            _first = null;
        }
        else
        {
            link.Previous!.Next = link.Next;
            link.Next!.Previous = link.Previous;
            if (ReferenceEquals(_first, link)) { _first = link.Next; }
        }
        link.Next = link.Previous = null;
    }

    public void MoveFirstToLast() => _first = _first?.Next;
}
