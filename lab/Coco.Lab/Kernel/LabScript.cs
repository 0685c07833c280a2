using System.Text;

namespace Coco.Lab.Kernel;

/// <summary>
/// Commands for many namespaces that are run together: first the cables, then addresses and routes, then rules, then queues. One shell
/// runs them all, with one `ip -batch` and one `nft -f` a namespace, because starting programs is nearly all that building a lab costs.
/// </summary>
internal sealed class LabScript
{
    private readonly List<Action> _first = [];
    private readonly StringBuilder _cables = new();
    private readonly Batches _ip = new("ip -batch -");
    private readonly Batches _rules = new("nft -f -");
    private readonly Batches _queues = new("tc -batch -");

    /// <summary>Makes a veth pair, each end in its place from the start, so that no device is ever in the machine's own namespace.</summary>
    public void Cable(NetNamespace far, string farDevice, NetNamespace near, string nearDevice) => _cables.Append(
        $"link add {farDevice} netns {far.HandlePath} type veth peer name {nearDevice} netns {near.HandlePath}\n");

    /// <summary>Does something else that makes devices, before all commands.</summary>
    public void First(Action make) => _first.Add(make);

    public void Ip(NetNamespace space, params ReadOnlySpan<string> commands)
    {
        foreach (var command in commands) { _ip.Add(space, command); }
    }

    public void Rules(NetNamespace space, string text) => _rules.Add(space, text);

    public void Queue(NetNamespace space, string command) => _queues.Add(space, command);

    /// <summary>Runs everything from <paramref name="space"/>; throws with what the failing program said.</summary>
    public void Run(NetNamespace space)
    {
        foreach (var make in _first) { make(); }

        var script = new StringBuilder("set -e\n");
        if (_cables.Length > 0) { script.Append($"ip -batch - <<'END'\n{_cables}END\n"); }

        _ip.WriteTo(script);
        _rules.WriteTo(script);
        _queues.WriteTo(script);
        space.RunWithInput(script.ToString(), "sh", []);
    }

    private sealed class Batches(string program)
    {
        private readonly OrderedDictionary<NetNamespace, StringBuilder> _texts = [];

        public void Add(NetNamespace space, string text)
        {
            if (!_texts.TryGetValue(space, out var all)) { _texts[space] = all = new(); }

            all.Append(text).Append('\n');
        }

        public void WriteTo(StringBuilder script)
        {
            foreach (var (space, text) in _texts) { script.Append($"nsenter --net={space.HandlePath} {program} <<'END'\n{text}END\n"); }
        }
    }
}
