using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>Whoever is on a <see cref="FlatNetwork"/>.</summary>
internal interface IFlatHost
{
    public IReadOnlyList<NetworkAddress> Addresses { get; }

    public TimeSpan Deadline { get; }

    public void HandleDatagrams(in Link link, byte[] data, int segmentSize);

    public void HandleTimeout();

    /// <summary>Sends what waits.</summary>
    public void Drain();
}
