using System.Text.RegularExpressions;
using System.Threading.Channels;
using Coco.ControlPlane.Mails;

namespace Coco.ControlPlane.Tests;

/// <summary>Takes the mails that a control plane sends.</summary>
internal sealed partial class TestMail : IMailSender
{
    private readonly Channel<Mail> _mails = Channel.CreateUnbounded<Mail>();

    /// <summary>What happens to mails instead of being taken, while it is not null.</summary>
    public Func<Mail, Task>? Trouble { get; set; }

    public Task SendAsync(Mail mail, CancellationToken cancellationToken) => Trouble is { } trouble ? trouble(mail) : _mails.Writer.WriteAsync(mail, cancellationToken).AsTask();

    /// <summary>The mails that are here.</summary>
    public IReadOnlyList<Mail> TakeAll()
    {
        var all = new List<Mail>();
        while (_mails.Reader.TryRead(out var mail)) { all.Add(mail); }
        return all;
    }

    /// <summary>The next mail, in the order in which they were sent.</summary>
    public Task<Mail> NextAsync() => _mails.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>The code in the link of the next mail.</summary>
    public async Task<string> NextCodeAsync() => Code().Match((await NextAsync()).Text).Groups["code"].Value;

    [GeneratedRegex(@"\?code=(?<code>[A-Za-z0-9_-]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
