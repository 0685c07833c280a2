namespace Coco.Quic.Connections;

/// <summary>What a <see cref="TimerHeap{T}"/> keeps.</summary>
internal interface ITimed
{
    /// <summary>Its place in the heap; -1, also at the start, when it is not there.</summary>
    public int TimerIndex { get; set; }

    /// <summary>When it is due, as the heap knows it.</summary>
    public long TimerDeadline { get; set; }
}
