// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {INexus} from "../../chain/contracts/INexus.sol";
import {SourceParams} from "../../chain/contracts/ISource.sol";
import {ACTIVE, INACTIVE, Source} from "./Source.sol";
import {IControls} from "./IControls.sol";
import {Ownable} from "./Ownable.sol";
import {page} from "./page.sol";

/// @title The devnet's stand-in for OpenGPU's registry
/// @notice It has the real one's interface. What is behind it is the devnet's own.
/// @dev It has no constructor and no immutables: the devnet's first block holds
/// its code, and its four addresses in its storage.
contract Nexus is INexus, IControls, Ownable {
    address public manager;
    address public terminal;
    address public vault;

    address[] private sources;
    mapping(address client => address[]) public sourcesOf;
    mapping(address client => uint256) public activeSourceCountOf;
    // An index in sources, plus 1: 0 is no source.
    mapping(address source => uint256) private places;
    string private refusal;

    modifier notRefused() {
        require(bytes(refusal).length == 0, refusal);
        _;
    }

    modifier known(address source) {
        require(places[source] != 0, "InvalidSource");
        _;
    }

    function publishSource(SourceParams calldata params) external notRefused {
        require(params.client == msg.sender, "NotOwner");
        require(params.imageEnvironments != 0 && params.imageEnvironments < 8, "InvalidEnvironment");
        address source = address(new Source(params));
        sources.push(source);
        places[source] = sources.length;
        sourcesOf[msg.sender].push(source);
        activeSourceCountOf[msg.sender]++;
        emit SourcePublished(source);
    }

    function updateSource(address source, SourceParams calldata params) external notRefused known(source) {
        require(Source(source).owner() == msg.sender, "NotOwner");
        require(Source(source).getStatus() == ACTIVE, "SourceInactive");
        require(Source(source).getClient() == params.client, "InvalidClient");
        require(params.imageEnvironments != 0 && params.imageEnvironments < 8, "InvalidEnvironment");
        Source(source).setSourceParams(params);
        emit SourceUpdated(source, Source(source).getSourceParams());
    }

    function inactivateSource(address source) external notRefused known(source) {
        require(Source(source).owner() == msg.sender, "NotOwner");
        require(Source(source).getStatus() == ACTIVE, "SourceInactive");
        Source(source).setStatus(INACTIVE);
        address client = Source(source).getClient();
        // An owner who wrote another client has made the counts wrong already.
        if (activeSourceCountOf[client] > 0) activeSourceCountOf[client]--;
        emit SourceStatusChanged(source, INACTIVE);
    }

    function register(address source, address provider, uint8 preferredEnvironment) external notRefused known(source) {
        require(provider == msg.sender, "NotEligible");
        uint256 registrantId = Source(source).addRegistrant(provider, preferredEnvironment);
        emit Registered(provider, registrantId, source, preferredEnvironment);
    }

    function removeSource(address source) external onlyOwner known(source) {
        sources[places[source] - 1] = address(0);
        delete places[source];
    }

    function refuse(string calldata reason) external onlyOwner {
        refusal = reason;
    }

    function getSourceCount() external view returns (uint256) {
        return sources.length;
    }

    function getSources(uint256 lower, uint256 upper) external view returns (address[] memory) {
        return page(sources, lower, upper);
    }

    function getSourceId(address source) external view known(source) returns (uint256) {
        return places[source] - 1;
    }

    function getActiveSourceCount(address client) external view returns (uint256) {
        return activeSourceCountOf[client];
    }
}
