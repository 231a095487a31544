#!/usr/bin/env escript
%% SPDX-License-Identifier: GPL-2.0
%% A peer of Erlang's ssl, which EMQX and others use:
%%	erlang.escript client|server x509|psk ADDRESS PORT CIPHER DIRECTORY
%% The server echoes; the client sends lines of stdin and prints what comes.
%% CIPHER is a suite's name as OpenSSL has it; files of DIRECTORY: ca.pem,
%% server.pem, server.key. PSK: identity u1, key 0123456789abcdef.

main([Role, Auth, Host, Port, Cipher, Dir]) ->
    {ok, _} = application:ensure_all_started(ssl),
    {ok, Address} = inet:parse_address(Host),
    Family = case tuple_size(Address) of 4 -> inet; 8 -> inet6 end,
    Suite = ssl:str_to_suite(Cipher),
    Options = [{protocol, dtls}, {versions, ['dtlsv1.2']}, {ciphers, [Suite]},
               {mode, binary}, {active, true}, Family
               | keys(list_to_atom(Auth), list_to_atom(Role), Dir)],
    run(list_to_atom(Role), Address, list_to_integer(Port), Options).

keys(psk, _, _) ->
    [{psk_identity, "u1"},
     {user_lookup_fun, {fun(psk, _, Key) -> {ok, Key} end, <<"0123456789abcdef">>}}];
keys(x509, client, Dir) ->
    [{verify, verify_peer}, {cacertfile, Dir ++ "/ca.pem"},
     {server_name_indication, "server.example"}];
keys(x509, server, Dir) ->
    [{certfile, Dir ++ "/server.pem"}, {keyfile, Dir ++ "/server.key"}].

run(server, Address, Port, Options) ->
    {ok, Listener} = ssl:listen(Port, [{ip, Address} | Options]),
    serve(Listener);
run(client, Address, Port, Options) ->
    {ok, Session} = ssl:connect(Address, Port, Options, 60000),
    Self = self(),
    spawn_link(fun() -> read_lines(Self) end),
    talk(client, Session).

serve(Listener) ->
    {ok, Half} = ssl:transport_accept(Listener),
    {ok, Session} = ssl:handshake(Half, 60000),
    talk(server, Session).

read_lines(To) ->
    case io:get_line("") of
        Line when is_list(Line) -> To ! {line, Line}, read_lines(To);
        _ -> To ! end_of_input
    end.

talk(Role, Session) ->
    receive
        {ssl, _, Data} ->
            io:put_chars(Data),
            Role =:= server andalso (ok = ssl:send(Session, Data)),
            talk(Role, Session);
        {line, Line} ->
            ok = ssl:send(Session, Line),
            talk(Role, Session);
        end_of_input -> ssl:close(Session);
        {ssl_closed, _} -> ok;
        Other -> io:format(standard_error, "~p~n", [Other]), halt(1)
    after 60000 -> halt(1)
    end.
