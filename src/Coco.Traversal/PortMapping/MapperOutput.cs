namespace Coco.Traversal.PortMapping;

/// <summary>What sessions have for the host.</summary>
internal sealed class MapperOutput
{
    private int _lastNumber;

    public Queue<MapperTransmit> Transmits { get; } = [];

    public Queue<MapperRequest> Requests { get; } = [];

    /// <summary>A number no request had.</summary>
    public int NextNumber() => ++_lastNumber;
}
