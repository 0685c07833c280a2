namespace Coco.Messages;

/// <summary>A list that grows at one end and shrinks at both.</summary>
internal sealed class Ring<T>
    where T : class
{
    private T?[] _items = new T?[4];
    private int _head;

    public int Count { get; private set; }

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return _items[(_head + index) & (_items.Length - 1)]!;
        }
    }

    public void Add(T item)
    {
        if (Count == _items.Length) { Resize(_items.Length * 2); }
        _items[(_head + Count) & (_items.Length - 1)] = item;
        Count++;
    }

    public T TakeFirst()
    {
        var item = this[0];
        _items[_head] = null;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        if (_items.Length > 1024 && Count < _items.Length / 8) { Resize(_items.Length / 4); } // after a crowd
        return item;
    }

    public T TakeLast()
    {
        var item = this[Count - 1];
        Count--;
        _items[(_head + Count) & (_items.Length - 1)] = null;
        return item;
    }

    private void Resize(int length)
    {
        var items = new T?[length];
        for (var i = 0; i < Count; i++) { items[i] = this[i]; }
        (_items, _head) = (items, 0);
    }
}
