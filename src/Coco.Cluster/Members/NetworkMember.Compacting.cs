using System.Buffers.Binary;
using System.Text;

namespace Coco.Cluster.Members;

/// <content>
/// Forgetting what a snapshot of the owner's stands for. Not at once: a thief of the owner's key makes snapshots, too, and until it is forgotten the past shows
/// what was so before. How long a snapshot has stood counts while the node runs, and over restarts, as dates and clocks may lie.
/// <code>
/// settling = digest of the snapshot (32) ‖ seconds it has stood u64, a row of <see cref="MemberTable.Self"/>
/// </code>
/// </content>
internal sealed partial class NetworkMember
{
    private static readonly byte[] SettlingKey = Encoding.ASCII.GetBytes("settling");

    // Chosen: what a restart can lose of the time a snapshot has stood.
    private static readonly TimeSpan SettlingRow = TimeSpan.FromHours(1);

    private StatementId _settling;
    private TimeSpan _settled;
    private TimeSpan _settledAt;
    private TimeSpan? _compactAt;

    // The newest snapshot in force, if what it stands for is here still.
    private void WatchSnapshot()
    {
        if (_log.Compactable is not { } digest)
        {
            _compactAt = null;
            return;
        }
        if (digest == _settling && _compactAt is not null) { return; }
        if (digest != _settling) { (_settling, _settled) = (digest, TimeSpan.Zero); }
        _settledAt = _now;
        _compactAt = _now + NextLook;
    }

    private TimeSpan NextLook => _options.CompactAfter - _settled is var left && left < SettlingRow ? left > TimeSpan.Zero ? left : TimeSpan.Zero : SettlingRow;

    private void TendSnapshot()
    {
        (_settled, _settledAt) = (_settled + (_now - _settledAt), _now);
        if (_settled < _options.CompactAfter || _sync.HasUnstored)
        {
            KeepSettling();
            _compactAt = _now + (NextLook > TimeSpan.Zero ? NextLook : _options.StoreRetry);
            return;
        }
        _compactAt = _now + SettlingRow; // a snapshot that nobody could show to a newcomer is looked at again
        Forget();
    }

    // Also what the owner does who stated it.
    private void Forget()
    {
        RememberOffices();
        if (!_log.Compact()) { return; }
        _sync.HandleCompacted();
        KeepPackage();
        Keep(MemberTable.Self, SettlingKey, default);
    }

    private void KeepSettling()
    {
        var row = new byte[StatementId.Size + sizeof(ulong)];
        _settling.CopyTo(row);
        BinaryPrimitives.WriteUInt64BigEndian(row.AsSpan(StatementId.Size), (ulong)_settled.TotalSeconds);
        Keep(MemberTable.Self, SettlingKey, row);
    }

    private void RememberSettling(ReadOnlySpan<byte> row)
    {
        if (row.Length != StatementId.Size + sizeof(ulong)) { return; }
        _settling = StatementId.Read(row[..StatementId.Size]);
        _settled = TimeSpan.FromSeconds(Math.Min(BinaryPrimitives.ReadUInt64BigEndian(row[StatementId.Size..]), (ulong)_options.CompactAfter.TotalSeconds));
    }
}
