using Coco.Crypto;
using Coco.Quic.Congestion;

namespace Coco.Traversal.Hops;

/// <summary>Datagrams of one source that wait for their turn.</summary>
internal sealed class HopSource
{
    public Queue<(byte[] Buffer, int Length, EcnCodepoint Ecn)> Waiting { get; } = new();

    /// <summary>The neighbour by which they came, and the node from which, by that neighbour's word: who invents names shares with nobody else.</summary>
    public (int Neighbour, NodeId Far) Key { get; set; }

    public int Bytes { get; set; }

    /// <summary>Bytes that it may still send in this turn (deficit round robin; Shreedhar and Varghese, 1995).</summary>
    public int Deficit { get; set; }
}
