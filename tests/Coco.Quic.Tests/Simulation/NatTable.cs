using Coco.Quic.Paths;

namespace Coco.Quic.Tests.Simulation;

/// <summary>A NAT before the client: the server sees each of the client's paths under a number that can change, and then the old
/// number leads nowhere.</summary>
internal sealed class NatTable
{
    private const int FirstExternal = 1000;

    private readonly Dictionary<PathId, PathId> _outside = [];
    private readonly Dictionary<PathId, PathId> _inside = [];
    private int _next = FirstExternal;

    /// <summary>How the server sees a path of the client's.</summary>
    public PathId Outside(PathId path) => _outside.GetValueOrDefault(path, path);

    /// <summary>Gives a path of the client's a new number.</summary>
    public void Rebind(PathId path)
    {
        var external = new PathId(_next++);
        _inside.Remove(Outside(path));
        _outside[path] = external;
        _inside[external] = path;
    }

    /// <summary>Where a datagram from a side arrives; a path of number -1 is nowhere.</summary>
    public PathId Translate(int side, PathId path)
    {
        if (side == 0) { return Outside(path); }
        if (_inside.TryGetValue(path, out var inside)) { return inside; }
        return path.Value >= FirstExternal || _outside.ContainsKey(path) ? new PathId(-1) : path;
    }
}
