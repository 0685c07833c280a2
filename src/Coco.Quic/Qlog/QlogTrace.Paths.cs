using System.Globalization;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Qlog;

/// <summary>Paths, "tuples" in the draft, and migration between them (draft-ietf-quic-qlog-quic-events §4.7, §5.19).</summary>
public sealed partial class QlogTrace
{
    private readonly Dictionary<PathId, string> _tuples = []; // names, made once
    private PathId _initialPath;

    internal void PathAdded(PathId id, in ConnectionId remote)
    {
        BeginEvent("quic:tuple_assigned"u8, "connectivity"u8);
        _json.WriteString("tuple_id"u8, TupleOf(id));
        WriteEndpoint("tuple_remote"u8, remote);
        EndEvent();
    }

    // §4.7: an event without ends means that the tuple was given up.
    internal void PathRemoved(PathId id)
    {
        BeginEvent("quic:tuple_assigned"u8, "connectivity"u8);
        _json.WriteString("tuple_id"u8, TupleOf(id));
        EndEvent();
        _tuples.Remove(id);
    }

    internal void PathProbed(PathId id, long now) => MigrationState(id, "probing_started"u8, now);

    internal void PathValidated(PathId id, bool isActive, long now) =>
        MigrationState(id, isActive ? "migration_complete"u8 : "probing_successful"u8, now);

    internal void PathFailed(PathId id, bool isActive, long now) =>
        MigrationState(id, isActive ? "migration_abandoned"u8 : "probing_abandoned"u8, now);

    internal void PathChanged(PathId id, bool isValidated, long now) =>
        MigrationState(id, isValidated ? "migration_complete"u8 : "migration_started"u8, now);

    private void MigrationState(PathId id, ReadOnlySpan<byte> state, long now)
    {
        At(now);
        BeginEvent("quic:migration_state_updated"u8, "transport"u8, TupleOf(id));
        _json.WriteString("new"u8, state);
        _json.WriteString("tuple_id"u8, TupleOf(id));
        EndEvent();
    }

    // Main schema §7.2: the path of the handshake has the empty name, which events need not repeat.
    private string TupleOf(PathId id)
    {
        if (id == _initialPath) { return ""; }
        if (_tuples.TryGetValue(id, out var name)) { return name; }
        return _tuples[id] = id.Value.ToString(CultureInfo.InvariantCulture);
    }
}
